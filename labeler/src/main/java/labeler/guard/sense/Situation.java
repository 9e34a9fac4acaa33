package labeler.guard.sense;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;

/**
 * The state in the light of which a command is judged.
 *
 * @param descriptors the names that clients have given with {@code getfd}, each with its number among all of them
 */
public record Situation(NodeFiles nodes, NameRules names, Permissions permissions, Map<String, Long> descriptors) {
    public Situation {
        descriptors = Map.copyOf(descriptors);
    }

    BlockGraph graph() {
        return nodes.graph();
    }

    /** The disk of a job: a drive, or else a node. */
    List<Node> chain(Optional<String> driveOrNode) {
        return driveOrNode.flatMap(graph()::driveOrNode).map(graph()::chain).orElse(List.of());
    }

    /** The disk of a snapshot. If {@code blockdev-snapshot-sync} has both, the drive counts. */
    Optional<Node> snapped(JsonObject arguments) {
        return arguments
                .text("node")
                .flatMap(graph()::driveOrNode)
                .or(() -> arguments.text("device").flatMap(graph()::drive))
                .or(() -> arguments.text("node-name").flatMap(graph()::node));
    }

    /** Whether a text names this file: in full, or as qemu itself shows it. */
    boolean isName(String text, Node image) {
        return nodes.image(image)
                        .filter(path -> path.utf8().equals(Optional.of(text)))
                        .isPresent()
                || graph().files(image.name()).stream()
                        .anyMatch(file -> file.file().equals(text));
    }

    /** The header of an image decides at the next start what is below it: that has to be what is there now. */
    Optional<Objection> headerDiffers(Node image, Node below) {
        String text = image.backing();
        Node named = graph().chain(below).stream().findFirst().orElse(below);
        boolean isSame = text.isEmpty() || isHeaderName(text, image, named);
        return isSame
                ? Optional.empty()
                : Optional.of(new Objection(
                        Rule.S7,
                        "the header of node " + image.name() + " names " + NameRules.printable(text)
                                + ", which is not the file of node " + named.name()
                                + "; make the image on that, or change its header with qemu-img rebase -u"));
    }

    /**
     * Whether a text in the header of an image names the file of another. The name of a descriptor set does not: it means
     * nothing at the next start.
     */
    boolean isHeaderName(String text, Node image, Node below) {
        boolean isOwnName = nodes.image(below)
                .filter(path -> path.utf8().equals(Optional.of(text)))
                .isPresent();
        return isOwnName || isPath(text, image, below);
    }

    /** A relative name is meant beside the image whose header has it. */
    private boolean isPath(String text, Node image, Node below) {
        Optional<HostPath> path = nodes.image(image).flatMap(above -> HeaderName.path(FileName.of(text), above));
        return path.isPresent() && path.equals(nodes.image(below));
    }

    /** The place of an image in a chain, by its node's name, or by its file; -1 if it is not there. */
    int place(List<Node> chain, Optional<String> node, Optional<String> file) {
        Optional<String> meant = node.map(this::image);
        for (int at = 0; at < chain.size(); at++) {
            Node image = chain.get(at);
            if (meant.filter(image.name()::equals).isPresent()
                    || file.filter(name -> !name.isEmpty())
                            .filter(name -> isName(name, image))
                            .isPresent()) {
                return at;
            }
        }
        return -1;
    }

    /** The image that a filter passes on, by its node's name. */
    private String image(String node) {
        return graph().node(node)
                .filter(BlockGraph::isFilter)
                .flatMap(filter -> graph().chain(filter).stream().findFirst())
                .map(Node::name)
                .orElse(node);
    }
}
