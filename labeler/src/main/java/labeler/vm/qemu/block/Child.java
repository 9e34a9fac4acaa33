package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;

/**
 * An entry below a block node: another node, or the name of one.
 *
 * @param key under which the node has it
 */
public record Child(String key, Below below) {
    /** Children that a node always writes, even if it is read-only. */
    private static final Set<String> ALWAYS_WRITTEN = Set.of("log", "target");

    /** The key that has any number of nodes. */
    private static final String SEVERAL = "children";

    /** The entry. */
    public sealed interface Below {}

    /** A node, written where it is used. */
    public record Inside(Node node) implements Below {}

    /** The name of a node. */
    public record Named(String name) implements Below {}

    /** An entry that is no node. */
    public record Neither() implements Below {}

    /**
     * Its value as it is written.
     *
     * @param path from the node's options to it: the key, and a number if the key has several
     */
    public record Written(String key, List<String> path, Json json) {}

    static List<Written> written(JsonObject options) {
        List<Written> children = new ArrayList<>();
        for (String key : BlockDriver.CHILD_KEYS) {
            options.get(key)
                    .ifPresent(json -> children.addAll(
                            key.equals(SEVERAL) ? several(json) : List.of(new Written(key, List.of(key), json))));
        }
        return children;
    }

    /** An array, which dotted keys write as {@code children.0.driver=…}. */
    private static List<Written> several(Json json) {
        if (json instanceof JsonArray(List<Json> elements)) {
            List<Written> children = new ArrayList<>();
            for (int i = 0; i < elements.size(); i++) {
                children.add(new Written(SEVERAL, List.of(SEVERAL, Integer.toString(i)), elements.get(i)));
            }
            return children;
        }
        if (json instanceof JsonObject(Map<String, Json> members)
                && !members.isEmpty()
                && members.keySet().stream().allMatch(name -> name.chars().allMatch(Character::isDigit))) {
            return members.entrySet().stream()
                    .map(member -> new Written(SEVERAL, List.of(SEVERAL, member.getKey()), member.getValue()))
                    .toList();
        }
        return List.of(new Written(SEVERAL, List.of(SEVERAL), json));
    }

    /** Whether a child under this key is read-only by default, below a node that is or is not read-only. */
    static boolean isReadOnlyBelow(String key, boolean node) {
        return key.equals("backing") || (!ALWAYS_WRITTEN.contains(key) && node);
    }
}
