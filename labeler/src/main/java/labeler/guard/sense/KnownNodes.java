package labeler.guard.sense;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import labeler.chain.ImageFormat;
import labeler.guard.graph.Edge;
import labeler.guard.graph.Node;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.linux.HostPath;
import labeler.vm.Origin;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;

/**
 * Reads the options of a new node like those of a command line. The nodes of qemu on which it stands are written before
 * it, as qemu tells of them.
 */
final class KnownNodes {
    /** The keys under which the name of a node can stand for the node. */
    static final Set<String> CHILDREN =
            Set.of("file", "backing", "data-file", "image", "raw", "test", "log", "target", "bottom", "header");

    /** The key whose nodes stand in a list: of a quorum. */
    private static final String LIST = "children";

    private static final String BACKING = "backing";
    private static final String JSON = "json:";
    private static final String OFFSET = "offset";

    /**
     * qemu ends a name of more than 4095 bytes with dots ({@code bdrv_refresh_filename} in
     * {@code block.c}). Where in its file the node begins is not known then, so that it counts as a part.
     */
    private static final Map<String, Json> CUT_OFF = Map.of(OFFSET, Json.of(1));

    private final NodeFiles nodes;
    private final Map<String, String> options = new LinkedHashMap<>();
    private Optional<String> missing = Optional.empty();

    private KnownNodes(NodeFiles nodes) {
        this.nodes = nodes;
    }

    /** The options of new nodes under a key. */
    static List<JsonObject> below(String key, Json value) {
        return switch (value) {
            case JsonObject below when CHILDREN.contains(key) -> List.of(below);
            case JsonArray array when key.equals(LIST) -> array.objects();
            case Json _ -> List.of();
        };
    }

    /** The result of reading. */
    sealed interface Result {}

    record Read(HotplugDisk disk) implements Result {}

    /** A node that is named is not there. */
    record Missing(String node) implements Result {}

    record NotUnderstood(String message) implements Result {}

    /** @param added the arguments of {@code blockdev-add} */
    static Result read(JsonObject added, NodeFiles nodes) {
        KnownNodes known = new KnownNodes(nodes);
        JsonObject options = (JsonObject) known.named(quietIfAlone(added));
        if (known.missing.isPresent()) {
            return new Missing(known.missing.get());
        }
        List<String> lines = new ArrayList<>(known.options.values());
        lines.add(JsonWriter.compact(options));
        Map<String, Origin> origins = new HashMap<>();
        List<String> names = new ArrayList<>(known.options.keySet());
        for (int at = 0; at < lines.size(); at++) {
            origins.put(
                    "-blockdev[" + at + "]", at < names.size() ? new Origin("node " + names.get(at)) : origin(added));
        }
        return switch (HotplugDisk.read(
                new HotplugArguments(lines, Optional.empty()),
                option -> Objects.requireNonNullElseGet(origins.get(option), () -> new Origin(option)))) {
            case HotplugDisk.Understood(HotplugDisk disk) -> new Read(disk);
            case HotplugDisk.NotUnderstood(String message) -> new NotUnderstood(message);
        };
    }

    /** The command, and the argument that names the file if there is one alone. */
    private static Origin origin(JsonObject added) {
        List<String> names = new ArrayList<>();
        leaves(added, "", names);
        return new Origin("blockdev-add" + (names.size() == 1 ? " " + names.getFirst() : ""));
    }

    private static void leaves(JsonObject options, String path, List<String> names) {
        options.members().forEach((key, value) -> {
            if (value instanceof JsonObject below) {
                leaves(below, path + key + ".", names);
            } else if (key.equals("filename")) {
                names.add(path + key);
            }
        });
    }

    /** With {@code auto-read-only}, qemu opens a file, or a device, for reading until something above it writes. */
    private static JsonObject quietIfAlone(JsonObject added) {
        boolean isFile = added.text("driver").filter(NewNodes.FILES::contains).isPresent();
        boolean isQuiet = added.get("auto-read-only").equals(Optional.of(Json.of(true)));
        if (!isFile || !isQuiet) {
            return added;
        }
        Map<String, Json> members = new LinkedHashMap<>(added.members());
        members.put("read-only", Json.of(true));
        return new JsonObject(members);
    }

    /** The same options, with names that a command line can have; the nodes themselves are noted. */
    private Json named(Json json) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> changed = new LinkedHashMap<>();
                members.forEach((key, value) -> changed.put(key, named(key, value)));
                yield new JsonObject(changed);
            }
            case JsonArray(List<Json> elements) ->
                new JsonArray(elements.stream().map(this::named).toList());
            case JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> json;
        };
    }

    private Json named(String key, Json value) {
        return switch (value) {
            case JsonString(String name) when CHILDREN.contains(key) -> Json.of(refer(name));
            case JsonArray(List<Json> elements)
            when key.equals(LIST) ->
                new JsonArray(elements.stream()
                        .map(element ->
                                element instanceof JsonString(String name) ? Json.of(refer(name)) : named(element))
                        .toList());
            case Json _ -> named(value);
        };
    }

    private String refer(String name) {
        String written = written(name);
        if (!options.containsKey(written)) {
            Optional<Node> node = Optional.ofNullable(nodes.graph().nodes().get(name));
            if (node.isEmpty()) {
                missing = missing.or(() -> Optional.of(name));
            } else {
                describe(node.get(), written);
            }
        }
        return written;
    }

    /** Those below come first. A graph has no circles, so that this ends. */
    private void describe(Node node, String written) {
        Json.ObjectBuilder described = Json.object()
                .put("driver", node.driver())
                .put("node-name", written)
                .put("read-only", node.isReadOnly());
        Optional<HostPath> path = nodes.path(node);
        if (path.isPresent()) {
            described.put("filename", new String(path.get().bytes(), StandardCharsets.UTF_8));
        }
        window(node).forEach(described::put);
        boolean hasBacking = false;
        for (Edge edge : nodes.graph().below(node.name())) {
            hasBacking |= edge.role().equals(BACKING);
            described.put(edge.role(), refer(edge.child()));
        }
        if (!hasBacking && canHaveBacking(node)) {
            described.put(BACKING, Json.nothing());
        }
        options.put(written, JsonWriter.compact(described.build()));
    }

    /** A raw node can show a part of its file: a header there is none at the beginning of the file. */
    private static Map<String, Json> window(Node node) {
        if (!node.driver().equals("raw") || !node.file().startsWith(JSON)) {
            return Map.of();
        }
        if (!(new JsonReader().read(node.file().substring(JSON.length()))
                instanceof JsonReader.Value(JsonObject options))) {
            return CUT_OFF;
        }
        Map<String, Json> window = new LinkedHashMap<>();
        for (String key : List.of(OFFSET, "size")) {
            options.get(key).ifPresent(value -> window.put(key, value));
        }
        return window;
    }

    private static boolean canHaveBacking(Node node) {
        return ImageFormat.ofDriver(node.driver())
                .filter(format -> format != ImageFormat.RAW && format != ImageFormat.LUKS)
                .isPresent();
    }

    /** qemu's own names begin with {@code #}, which no client can write. */
    static String written(String name) {
        return name.startsWith("#") ? "own-" + name.substring(1) : name;
    }
}
