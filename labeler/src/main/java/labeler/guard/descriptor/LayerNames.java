package labeler.guard.descriptor;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.Node;
import labeler.guard.sense.NodeFiles;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;

/** Images of a chain that a command names by their files. qemu knows them by sets, so it gets the names of their nodes. */
record LayerNames(NodeFiles nodes) {
    private static final Set<String> COMMANDS = Set.of("block-commit", "block-stream");
    private static final Set<String> LAYERS = Set.of("base", "top");

    /** The lowest image that a stream takes into the upper one. */
    static final String BOTTOM = "bottom";

    private static final String BASE = "base-node";

    /** The arguments with nodes in place of files. A name that is in no chain stays, and qemu reports it. */
    JsonObject byNode(String command, JsonObject arguments) {
        if (!COMMANDS.contains(command)) {
            return arguments;
        }
        String device = arguments.text("device").orElse("");
        Map<String, Json> members = new LinkedHashMap<>();
        arguments.members().forEach((key, value) -> {
            Optional<Node> node =
                    LAYERS.contains(key) ? arguments.text(key).flatMap(name -> find(device, name)) : Optional.empty();
            members.put(
                    node.isPresent() ? key + "-node" : key,
                    node.map(Node::name).map(Json::of).orElse(value));
        });
        // With it qemu takes no backing-file, and would write the name of a set. Without a set it stays: the base
        // may be below the filter of another job, which is in the way then.
        arguments
                .text(BOTTOM)
                .filter(_ ->
                        arguments.get(BASE).isEmpty() && arguments.get("base").isEmpty())
                .flatMap(bottom -> below(device, bottom))
                .filter(this::isOnSet)
                .ifPresent(base -> {
                    members.remove(BOTTOM);
                    members.put(BASE, Json.of(base.name()));
                });
        return new JsonObject(members);
    }

    /** The image below another, or below the image that a filter passes on. */
    private Optional<Node> below(String device, String bottom) {
        Optional<Node> lowest = nodes.graph().node(bottom).stream()
                .flatMap(node -> nodes.graph().chain(node).stream())
                .findFirst();
        return chain(device).stream()
                .dropWhile(node -> !Optional.of(node).equals(lowest))
                .skip(1)
                .findFirst();
    }

    private List<Node> chain(String device) {
        return nodes.graph().driveOrNode(device).map(nodes.graph()::chain).orElse(List.of());
    }

    private boolean isOnSet(Node image) {
        return nodes.graph().files(image.name()).stream()
                .anyMatch(file -> NodeFiles.set(file).isPresent());
    }

    private Optional<Node> find(String device, String name) {
        Optional<HostPath> file = HostPath.parse(name.getBytes(StandardCharsets.UTF_8));
        return chain(device).stream()
                .filter(node -> file.isPresent() && nodes.image(node).equals(file))
                .findFirst();
    }
}
