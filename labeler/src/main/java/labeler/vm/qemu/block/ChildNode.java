package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;

/**
 * What a block node has below it: another node, or the name of one.
 *
 * @param key under which the node has it
 * @param path from the node's options to it: the key, and a number where the key has several
 */
public record ChildNode(String key, List<String> path, Json json) {
    /** Children that a node writes whatever it is itself. */
    private static final Set<String> ALWAYS_WRITTEN = Set.of("log", "target");

    public static List<ChildNode> of(JsonObject options) {
        List<ChildNode> children = new ArrayList<>();
        BlockDriver.CHILD_KEYS.forEach(key -> children.addAll(of(options, key)));
        return children;
    }

    /** Those under a key: one, or those of an array, which dotted keys write as {@code children.0.driver=…}. */
    public static List<ChildNode> of(JsonObject options, String key) {
        List<ChildNode> children = new ArrayList<>();
        options.get(key).ifPresent(json -> {
            if (json instanceof JsonArray(List<Json> elements)) {
                for (int i = 0; i < elements.size(); i++) {
                    children.add(new ChildNode(key, List.of(key, Integer.toString(i)), elements.get(i)));
                }
            } else if (json instanceof JsonObject(Map<String, Json> members)
                    && !members.isEmpty()
                    && members.keySet().stream().allMatch(name -> name.chars().allMatch(Character::isDigit))) {
                members.forEach((name, element) -> children.add(new ChildNode(key, List.of(key, name), element)));
            } else {
                children.add(new ChildNode(key, List.of(key), json));
            }
        });
        return children;
    }

    /** Whether it is read-only unless it says otherwise, below a node that is so or is not. */
    public boolean isReadOnlyBelow(boolean node) {
        return key.equals("backing") || (!ALWAYS_WRITTEN.contains(key) && node);
    }
}
