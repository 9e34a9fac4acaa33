package labeler.guard.sense;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.chain.ImageFormat;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.json.Json;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.linux.HostPath;

/** The nodes in the options of {@code blockdev-add}: one, and those that are written inside of it. */
final class NewNodes {
    /** The drivers of files and devices of this host. */
    static final Set<String> FILES = Set.of("file", "host_device", "host_cdrom");

    private static final String DRIVER = "driver";
    private static final String FILE = "file";
    private static final String BACKING = "backing";

    private final NodeFiles nodes;
    private final List<NewNode> found = new ArrayList<>();

    private NewNodes(NodeFiles nodes) {
        this.nodes = nodes;
    }

    static List<NewNode> of(JsonObject options, NodeFiles nodes) {
        NewNodes added = new NewNodes(nodes);
        added.node(options, false, false);
        return added.found;
    }

    /** @param hasFormat whether the node above interprets the content, so that the file belongs to that one */
    private void node(JsonObject options, boolean isAboveReadOnly, boolean hasFormat) {
        boolean isReadOnly = options.get("read-only")
                .map(value -> value.equals(new JsonBoolean(true)))
                .orElse(isAboveReadOnly);
        String driver = options.text(DRIVER).orElse("");
        boolean isFormat = ImageFormat.ofDriver(driver).isPresent();
        if (FILES.contains(driver) && !hasFormat) {
            boolean isQuiet = options.get("auto-read-only").equals(Optional.of(Json.of(true)));
            named(options)
                    .ifPresent(path -> found.add(new NewNode(
                            FILE, path, !isReadOnly && !isQuiet, false, new NewNode.ByHeader(), Optional.empty())));
        }
        if (isFormat) {
            Optional<Json> file = options.get(FILE);
            boolean isNamed = file.filter(JsonString.class::isInstance).isPresent();
            Optional<HostPath> data = options.get("data-file").flatMap(this::file);
            file.flatMap(this::file)
                    .ifPresent(
                            path -> found.add(new NewNode(driver, path, !isReadOnly, isNamed, backing(options), data)));
        }
        options.members()
                .forEach((key, value) -> KnownNodes.below(key, value)
                        .forEach(below -> node(
                                below,
                                isReadOnly || key.equals(BACKING),
                                key.equals(FILE) && (isFormat || hasFormat))));
    }

    private static Optional<HostPath> named(JsonObject options) {
        return options.text("filename").flatMap(name -> HostPath.parse(name.getBytes(StandardCharsets.UTF_8)));
    }

    /** The file below an image, filters left out; empty for another image, whose content is no file. */
    private Optional<HostPath> file(Json below) {
        return switch (below) {
            case JsonString(String name) ->
                Optional.ofNullable(nodes.graph().nodes().get(name)).flatMap(nodes::own);
            case JsonObject options when FILES.contains(options.text(DRIVER).orElse("")) -> named(options);
            case JsonObject options
            when BlockGraph.isFilter(options.text(DRIVER).orElse("")) ->
                options.get(FILE).flatMap(this::file);
            case Json _ -> Optional.empty();
        };
    }

    private NewNode.Backing backing(JsonObject options) {
        Optional<Json> backing = options.get(BACKING);
        if (backing.isEmpty()) {
            return new NewNode.ByHeader();
        }
        return backing.get() instanceof JsonNull || backing.get().equals(Json.of(""))
                ? new NewNode.Nothing()
                : image(backing.get()).<NewNode.Backing>map(NewNode.Image::new).orElseGet(NewNode.Elsewhere::new);
    }

    private Optional<HostPath> image(Json below) {
        return switch (below) {
            case JsonString(String name) ->
                Optional.ofNullable(nodes.graph().nodes().get(name)).flatMap(this::image);
            case JsonObject options when FILES.contains(options.text(DRIVER).orElse("")) -> named(options);
            case JsonObject options -> options.get(FILE).flatMap(this::image);
            case Json _ -> Optional.empty();
        };
    }

    private Optional<HostPath> image(Node node) {
        return nodes.image(node);
    }
}
