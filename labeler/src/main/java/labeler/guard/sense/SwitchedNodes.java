package labeler.guard.sense;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.guard.graph.Node;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/**
 * The file nodes that become inactive, as at the end of a migration, or active again. qemu opens the file of one with {@code
 * auto-read-only} anew then: for reading, or for writing.
 */
record SwitchedNodes(NodeFiles nodes) {
    /** Another qemu gets the VM. If that fails, qemu makes them active again by itself. */
    List<Node> byLeaving() {
        return written(nodes.graph().nodes().values().stream(), true);
    }

    /** {@code cont}, or a VM that arrives. */
    List<Node> byRunning() {
        return written(nodes.graph().nodes().values().stream(), false);
    }

    /** {@code blockdev-set-active}, of one node or of all. */
    List<Node> set(JsonObject arguments) {
        boolean isActive = arguments.get("active").equals(Optional.of(Json.of(true)));
        Optional<String> name = arguments.text("node-name");
        return name.isEmpty()
                ? isActive ? byRunning() : byLeaving()
                : written(name.flatMap(nodes.graph()::node).stream().flatMap(this::files), !isActive);
    }

    private Stream<Node> files(Node node) {
        return Stream.concat(Stream.of(node), nodes.graph().chain(node).stream())
                .flatMap(image -> nodes.graph().files(image.name()).stream())
                .distinct();
    }

    /** What is only read stays open as it is. */
    private List<Node> written(Stream<Node> among, boolean isActive) {
        return among.filter(node -> node.isFile() && node.isActive() == isActive)
                .filter(file -> nodes.path(file)
                        .filter(path -> nodes.use(path) == NodeFiles.Use.WRITE)
                        .isPresent())
                .toList();
    }
}
