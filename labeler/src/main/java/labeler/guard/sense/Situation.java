package labeler.guard.sense;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;

/**
 * The state in the light of which a command is judged.
 *
 * @param descriptors the names that the client has given with {@code getfd}
 */
public record Situation(NodeFiles nodes, NameRules names, Permissions permissions, Set<String> descriptors) {
    public Situation {
        descriptors = Set.copyOf(descriptors);
    }

    BlockGraph graph() {
        return nodes.graph();
    }

    Optional<Node> find(String name) {
        return graph().find(name);
    }

    /** Whether a text names this file: in full, or as qemu itself shows it. */
    boolean isName(String text, Node image) {
        return nodes.image(image)
                        .filter(path -> path.utf8().equals(Optional.of(text)))
                        .isPresent()
                || graph().files(image.name()).stream()
                        .anyMatch(file -> file.file().equals(text));
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
        return find(node)
                .filter(BlockGraph::isFilter)
                .flatMap(filter -> graph().chain(filter.name()).stream().findFirst())
                .map(Node::name)
                .orElse(node);
    }
}
