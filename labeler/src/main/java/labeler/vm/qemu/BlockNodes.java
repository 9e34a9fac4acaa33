package labeler.vm.qemu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.vm.DefinitionBuilder;
import labeler.vm.Origin;

/** The block nodes that one command line defines, by name, and which of them others build on. */
final class BlockNodes {
    /** As deep as the JSON reader goes. */
    private static final int MAXIMUM_NESTING = 64;

    /**
     * A node as it was defined.
     *
     * @param inheritedReadOnly of the node that it was written inside
     */
    record Node(Origin origin, JsonObject options, boolean inheritedReadOnly) {}

    private final DefinitionBuilder out;
    private final Map<String, Node> byName = new LinkedHashMap<>();
    private final List<Node> tops = new ArrayList<>();
    private final Set<String> referenced = new HashSet<>();

    BlockNodes(DefinitionBuilder out) {
        this.out = out;
    }

    /** Takes in a {@code -blockdev}. */
    void define(Origin origin, JsonObject options) {
        if (options.text("node-name").isEmpty()) {
            out.malformed(origin, "a block node needs a node-name");
        }
        Node top = new Node(origin, options, false);
        tops.add(top);
        index(top, 0);
    }

    /** The nodes inside of a {@code -drive}, which other options may name. */
    void defineInside(Origin origin, JsonObject options, boolean readOnly) {
        index(new Node(origin, options, readOnly), 0);
    }

    private void index(Node node, int depth) {
        if (depth > MAXIMUM_NESTING) {
            out.malformed(node.origin, "block nodes nested deeper than " + MAXIMUM_NESTING);
            return;
        }
        node.options.text("node-name").ifPresent(name -> {
            if (byName.putIfAbsent(name, node) != null) {
                out.malformed(node.origin, "a second block node with the name " + ByteText.shown(name));
            }
        });
        boolean readOnly = isReadOnly(node.options, node.inheritedReadOnly);
        for (String key : BlockDriver.CHILD_KEYS) {
            for (Json child : children(node.options, key)) {
                if (child instanceof JsonObject inner) {
                    index(new Node(node.origin, inner, readOnly || key.equals("backing")), depth + 1);
                }
            }
        }
    }

    static boolean isReadOnly(JsonObject options, boolean inherited) {
        return options.get("read-only").isPresent() ? Settings.isOn("read-only", options) : inherited;
    }

    /** The children under a key: one, or those of an array, which dotted keys write as {@code children.0.driver=…}. */
    static List<Json> children(JsonObject options, String key) {
        Optional<Json> value = options.get(key);
        if (value.isEmpty()) {
            return List.of();
        }
        if (value.get() instanceof JsonArray(List<Json> elements)) {
            return elements;
        }
        boolean numbered = value.get() instanceof JsonObject(Map<String, Json> members)
                && !members.isEmpty()
                && members.keySet().stream().allMatch(name -> name.chars().allMatch(Character::isDigit));
        return numbered && value.get() instanceof JsonObject(Map<String, Json> members)
                ? List.copyOf(members.values())
                : List.of(value.get());
    }

    /** The node that another one builds on. */
    Optional<Node> reference(String name) {
        referenced.add(name);
        return Optional.ofNullable(byName.get(name));
    }

    /** The nodes of {@code -blockdev} options, in their order. */
    List<Node> tops() {
        return Collections.unmodifiableList(tops);
    }

    /** Whether {@link #reference} was asked for it. */
    boolean isReferenced(Node node) {
        return node.options.text("node-name").filter(referenced::contains).isPresent();
    }
}
