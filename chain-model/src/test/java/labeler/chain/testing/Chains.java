package labeler.chain.testing;

import java.util.List;
import labeler.chain.Chain;
import labeler.chain.Problem;

/** The parts of a chain that a test checks, as plain values. */
public final class Chains {
    private Chains() {}

    /** As {@code name role format depth access}, in order. */
    public static List<String> nodes(Chain<?> chain) {
        return chain.nodes().stream()
                .map(node -> node.name() + " " + node.role().word() + " "
                        + node.format().driver() + " " + node.depth() + " "
                        + switch (node.access()) {
                            case READ_ONLY -> "ro";
                            case READ_WRITE -> "rw";
                        })
                .toList();
    }

    public static List<String> names(Chain<?> chain) {
        return chain.nodes().stream().map(node -> node.name().toString()).toList();
    }

    /** As {@code KIND file}. */
    public static List<String> problems(Chain<?> chain) {
        return list(chain.problems());
    }

    /** As {@code KIND file}. */
    public static List<String> warnings(Chain<?> chain) {
        return list(chain.warnings());
    }

    /** As {@code protocol reference role parent}. */
    public static List<String> external(Chain<?> chain) {
        return chain.external().stream()
                .map(external -> external.protocol() + " " + external.reference() + " "
                        + external.role().word() + " " + external.parent())
                .toList();
    }

    /** The files that are named and not opened, as {@code format reference relation parent}. */
    public static List<String> unfollowed(Chain<?> chain) {
        return chain.unfollowed().stream()
                .map(named -> named.format().driver() + " " + named.reference() + " "
                        + named.relation().word() + " " + named.parent())
                .toList();
    }

    private static List<String> list(List<Problem> problems) {
        return problems.stream()
                .map(problem -> problem.kind() + " " + problem.file())
                .toList();
    }
}
