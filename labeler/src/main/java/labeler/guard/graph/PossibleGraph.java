package labeler.guard.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether a graph is one that a qemu can have. One that a guest has taken over may tell of circles, or of more than
 * anybody can look through.
 */
final class PossibleGraph {
    private static final int MOST_NODES = 10_000;
    private static final int MOST_EDGES = 50_000;
    private static final int MOST_JOBS = 1_000;

    /** qemu itself follows a chain of some hundred images. */
    private static final int MOST_LEVELS = 1_000;

    private PossibleGraph() {}

    static boolean isPossible(BlockGraph graph) {
        return graph.nodes().size() <= MOST_NODES
                && graph.edges().size() <= MOST_EDGES
                && graph.jobs().size() <= MOST_JOBS
                && isLevelled(graph);
    }

    /** Takes away nodes that nothing is above, level by level: of a circle something is left. */
    private static boolean isLevelled(BlockGraph graph) {
        Map<String, Integer> above = new HashMap<>();
        Map<String, List<Edge>> below = new HashMap<>();
        for (Edge edge : graph.edges()) {
            if (graph.nodes().containsKey(edge.parent()) && graph.nodes().containsKey(edge.child())) {
                above.merge(edge.child(), 1, Integer::sum);
                below.computeIfAbsent(edge.parent(), _ -> new ArrayList<>()).add(edge);
            }
        }
        Deque<String> level = new ArrayDeque<>();
        graph.nodes().keySet().stream().filter(name -> !above.containsKey(name)).forEach(level::add);
        int seen = 0;
        for (int depth = 0; !level.isEmpty() && depth < MOST_LEVELS; depth++) {
            Deque<String> next = new ArrayDeque<>();
            for (String name : level) {
                seen++;
                for (Edge edge : below.getOrDefault(name, List.of())) {
                    if (above.merge(edge.child(), -1, Integer::sum) == 0) {
                        next.add(edge.child());
                    }
                }
            }
            level = next;
        }
        return seen == graph.nodes().size();
    }
}
