package labeler.lifecycle.disk;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.json.Json.JsonObject;

/** The block nodes below one another, as qemu's answer to {@code x-debug-query-block-graph} has them. */
final class NodesBelow {
    private final Map<String, List<String>> children = new HashMap<>();
    private final Map<String, List<String>> parents = new HashMap<>();

    /** Those that a device, an export or a job has. */
    private final Set<String> used = new HashSet<>();

    NodesBelow(JsonObject graph) {
        Map<Long, String> names = new HashMap<>();
        for (JsonObject node : graph.objects("nodes")) {
            if (node.text("type").filter("block-driver"::equals).isPresent()) {
                node.number("id")
                        .ifPresent(id -> names.put(id, node.text("name").orElse("")));
            }
        }
        for (JsonObject edge : graph.objects("edges")) {
            String parent = names.getOrDefault(edge.number("parent").orElse(-1L), "");
            String child = names.getOrDefault(edge.number("child").orElse(-1L), "");
            if (parent.isEmpty()) {
                used.add(child);
            } else if (!child.isEmpty()) {
                children.computeIfAbsent(parent, _ -> new ArrayList<>()).add(child);
                parents.computeIfAbsent(child, _ -> new ArrayList<>()).add(parent);
            }
        }
    }

    /** The node itself, then those below it, level by level. */
    List<String> of(String top) {
        return reached(List.of(top), children);
    }

    /** Those that stand on any of these and are used by nothing, from the uppermost on, each with those below it. */
    List<String> unused(Collection<String> nodes) {
        List<String> tops = reached(nodes, parents).stream()
                .filter(node -> !parents.containsKey(node) && !used.contains(node))
                .toList();
        return reached(tops, children);
    }

    private static List<String> reached(Collection<String> from, Map<String, List<String>> next) {
        Set<String> reached = new LinkedHashSet<>();
        Deque<String> left = new ArrayDeque<>(from);
        while (!left.isEmpty()) {
            String node = left.removeFirst();
            if (reached.add(node)) {
                left.addAll(next.getOrDefault(node, List.of()));
            }
        }
        return List.copyOf(reached);
    }
}
