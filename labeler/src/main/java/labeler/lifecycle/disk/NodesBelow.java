package labeler.lifecycle.disk;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.json.Json.JsonObject;

/** The block nodes below one, as qemu's answer to {@code x-debug-query-block-graph} has them. */
final class NodesBelow {
    private NodesBelow() {}

    /** The node itself, then those below it, level by level. */
    static List<String> of(JsonObject graph, String top) {
        Map<Long, String> names = new HashMap<>();
        for (JsonObject node : graph.objects("nodes")) {
            if (node.text("type").filter("block-driver"::equals).isPresent()) {
                node.number("id")
                        .ifPresent(id -> names.put(id, node.text("name").orElse("")));
            }
        }
        Map<String, List<String>> children = new HashMap<>();
        for (JsonObject edge : graph.objects("edges")) {
            String parent = names.getOrDefault(edge.number("parent").orElse(-1L), "");
            String child = names.getOrDefault(edge.number("child").orElse(-1L), "");
            if (!parent.isEmpty() && !child.isEmpty()) {
                children.computeIfAbsent(parent, _ -> new ArrayList<>()).add(child);
            }
        }
        Set<String> below = new LinkedHashSet<>();
        Deque<String> left = new ArrayDeque<>(List.of(top));
        while (!left.isEmpty()) {
            String node = left.removeFirst();
            if (below.add(node)) {
                left.addAll(children.getOrDefault(node, List.of()));
            }
        }
        return List.copyOf(below);
    }
}
