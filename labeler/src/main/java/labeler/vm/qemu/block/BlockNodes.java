package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json.JsonObject;
import labeler.vm.DefinitionBuilder;
import labeler.vm.Origin;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/**
 * The block nodes that one command line defines, by name, and which of them others build on, as the parser meets them.
 * {@code NodeWalk} has them all from the start, and knows for each its place on the command line: what the two have in
 * common is {@link ChildNode}.
 */
public final class BlockNodes {
    /** As deep as the JSON reader goes. */
    private static final int MAXIMUM_NESTING = 64;

    /**
     * A node as it was defined.
     *
     * @param inheritedReadOnly of the node that it was written inside
     */
    public record Node(Origin origin, JsonObject options, boolean inheritedReadOnly) {}

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
        for (ChildNode child : ChildNode.of(node.options)) {
            if (child.json() instanceof JsonObject inner) {
                index(new Node(node.origin, inner, child.isReadOnlyBelow(readOnly)), depth + 1);
            }
        }
    }

    public static boolean isReadOnly(JsonObject options, boolean inherited) {
        return options.get("read-only").isPresent() ? Settings.isOn("read-only", options) : inherited;
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
