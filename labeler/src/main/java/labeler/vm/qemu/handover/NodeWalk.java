package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.Origin;
import labeler.vm.qemu.block.BlockDriver;
import labeler.vm.qemu.block.BlockNodes;
import labeler.vm.qemu.block.ChildNode;
import labeler.vm.qemu.text.Settings;

/** Goes through the block nodes of a command line as qemu opens them, each once for each way of using it. */
final class NodeWalk {
    /** As {@code BlockResolver} has it. */
    private static final int MAXIMUM_DEPTH = 200;

    /**
     * Where a node is written down.
     *
     * @param path its keys from the option's node down
     * @param inheritedReadOnly what it is unless it says otherwise
     * @param inheritedDirect whether it goes past the host's page cache unless it says otherwise
     */
    record Node(
            DiskOption disk,
            List<String> path,
            JsonObject options,
            boolean inheritedReadOnly,
            boolean inheritedDirect) {
        Key key() {
            return new Key(disk.placed().position(), path);
        }

        boolean isReadOnly() {
            return BlockNodes.isReadOnly(options, inheritedReadOnly);
        }

        boolean isDirect() {
            return options.get("cache").filter(JsonObject.class::isInstance).map(JsonObject.class::cast).stream()
                    .filter(cache -> cache.get("direct").isPresent())
                    .map(cache -> Settings.isOn("direct", cache))
                    .findFirst()
                    .orElse(inheritedDirect);
        }

        Optional<BlockDriver> driver() {
            return options.text("driver").flatMap(BlockDriver::of);
        }

        /** A file by its name; below others the driver may be left out. */
        boolean isLeaf() {
            return options.text("driver").isEmpty()
                    ? options.get("filename").isPresent()
                    : driver().equals(Optional.of(BlockDriver.FILE));
        }

        /** Whether the start of its {@code file} is read, and may name other files. */
        boolean hasHeader() {
            return !isLeaf() && (options.text("driver").isEmpty() || driver().equals(Optional.of(BlockDriver.FORMAT)));
        }
    }

    /** A node's place on the command line. */
    record Key(int position, List<String> path) {}

    /** What to do at each node. */
    interface Visitor {
        /**
         * A file by its name.
         *
         * @param quiet whether what stands above it never writes
         */
        void leaf(Node node, boolean quiet);

        /**
         * A node that interprets its file.
         *
         * @param root of the option from which the way has led here
         */
        void header(Node node, Origin root);
    }

    private record Visit(Key key, boolean quiet) {}

    private final List<DiskOption> disks;
    private final Predicate<String> isAttached;
    private final Map<String, Node> byName = new HashMap<>();
    private final Set<String> referenced = new HashSet<>();

    /** @param isAttached whether something other than a block node uses the node of this name */
    NodeWalk(List<DiskOption> disks, Predicate<String> isAttached) {
        this.disks = List.copyOf(disks);
        this.isAttached = isAttached;
        this.disks.forEach(disk -> index(root(disk)));
    }

    private static Node root(DiskOption disk) {
        return new Node(disk, List.of(), disk.tree(), disk.readOnly(), disk.direct());
    }

    /** Recursion is bounded by the JSON reader's depth. */
    private void index(Node node) {
        node.options.text("node-name").ifPresent(name -> byName.putIfAbsent(name, node));
        for (ChildNode child : ChildNode.of(node.options)) {
            switch (child.json()) {
                case JsonObject options -> index(inside(node, child, options));
                case JsonString(String name) -> referenced.add(name);
                case JsonArray _, JsonBoolean _, JsonInteger _, JsonDecimal _, JsonNull _ -> {}
            }
        }
    }

    void run(Visitor visitor) {
        Set<Visit> visited = new HashSet<>();
        for (DiskOption disk : disks) {
            Node root = root(disk);
            String name = disk.tree().text("node-name").orElse("");
            if (disk.isDrive() || !referenced.contains(name) || isAttached.test(name)) {
                visit(root, disk.isDrive() && disk.readOnly(), disk.placed().origin(), visitor, visited, 0);
            }
        }
    }

    private void visit(Node node, boolean quiet, Origin root, Visitor visitor, Set<Visit> visited, int depth) {
        if (depth > MAXIMUM_DEPTH || !visited.add(new Visit(node.key(), quiet))) {
            return;
        }
        if (node.isLeaf()) {
            visitor.leaf(node, quiet);
            return;
        }
        for (ChildNode child : ChildNode.of(node.options)) {
            below(node, child)
                    .ifPresent(next ->
                            visit(next, child.isReadOnlyBelow(node.isReadOnly()), root, visitor, visited, depth + 1));
        }
        if (node.hasHeader()) {
            visitor.header(node, root);
        }
    }

    /** The node whose content another one interprets, down to the file itself; empty where it is no file as a whole. */
    Optional<Node> file(Node node) {
        Optional<Node> at = child(node, "file");
        for (int depth = 0; depth < MAXIMUM_DEPTH && at.isPresent() && !at.get().isLeaf(); depth++) {
            Node inner = at.get();
            at = inner.driver().flatMap(driver -> switch (driver) {
                case RAW, FILTER, FILTER_WITH_LOG, FILTER_WITH_TARGET -> child(inner, "file");
                case DEBUG -> child(inner, "image");
                case FILE, FORMAT, LUKS, VERIFY, QUORUM, REMOTE, NOTHING, UNKNOWN_FILES -> Optional.empty();
            });
        }
        return at.filter(Node::isLeaf);
    }

    private Optional<Node> child(Node node, String key) {
        return ChildNode.of(node.options, key).stream().findFirst().flatMap(child -> below(node, child));
    }

    private Optional<Node> below(Node node, ChildNode child) {
        return switch (child.json()) {
            case JsonObject options -> Optional.of(inside(node, child, options));
            case JsonString(String name) -> Optional.ofNullable(byName.get(name));
            case JsonArray _, JsonBoolean _, JsonInteger _, JsonDecimal _, JsonNull _ -> Optional.empty();
        };
    }

    private static Node inside(Node node, ChildNode child, JsonObject options) {
        List<String> path = new ArrayList<>(node.path);
        path.addAll(child.path());
        return new Node(
                node.disk, List.copyOf(path), options, child.isReadOnlyBelow(node.isReadOnly()), node.isDirect());
    }
}
