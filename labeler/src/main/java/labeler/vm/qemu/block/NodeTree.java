package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.vm.Origin;

/**
 * The block nodes of one command line, each in its place. Uses of files are declared from it, descriptors are put into it,
 * and a node is found in it by its name.
 */
public final class NodeTree {
    /** Of a command line without disks. */
    public static final NodeTree EMPTY = new NodeTree(List.of(), Map.of(), Set.of());

    /** As {@link BlockResolver} has it. */
    private static final int MAXIMUM_DEPTH = 200;

    private final List<Disk> disks;
    private final Map<OptionPlace, Disk> byPlace;
    private final Map<String, Node> byName;
    private final Set<OptionPlace> used;

    /** @param used the disks that are in use by themselves, and not only below others */
    NodeTree(List<Disk> disks, Map<String, Node> byName, Set<OptionPlace> used) {
        this.disks = List.copyOf(disks);
        this.byPlace = disks.stream().collect(Collectors.toUnmodifiableMap(Disk::place, Function.identity()));
        this.byName = Map.copyOf(byName);
        this.used = Set.copyOf(used);
    }

    /** In the order of the command line; a drive without a medium is none. */
    public List<Disk> disks() {
        return disks;
    }

    /** The disk that this option defines, if it does. */
    public Optional<Disk> disk(OptionPlace place) {
        return Optional.ofNullable(byPlace.get(place));
    }

    /** The node of this name, wherever it is written. */
    public Optional<Node> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Whether it is in use by itself: no other node builds on it, or an option that is no block node names it. */
    boolean isUsed(Disk disk) {
        return used.contains(disk.place());
    }

    /**
     * A file node, or one that interprets a header, as qemu opens it.
     *
     * @param quiet whether what stands above it never writes
     * @param user the option from which the way leads here
     */
    public record Opening(Node node, boolean quiet, Origin user) {}

    private record Visit(NodePlace place, boolean quiet) {}

    /** All of them in qemu's order, which opens what is below first; each node once for each way of using it. */
    public List<Opening> openings() {
        List<Opening> openings = new ArrayList<>();
        Set<Visit> visited = new HashSet<>();
        disks.stream()
                .filter(this::isUsed)
                .forEach(disk -> visit(
                        new Opening(disk.root(), disk.isQuiet(), disk.place().origin()), openings, visited, 0));
        return openings;
    }

    private void visit(Opening at, List<Opening> openings, Set<Visit> visited, int depth) {
        Node node = at.node;
        if (depth > MAXIMUM_DEPTH || !visited.add(new Visit(node.place(), at.quiet))) {
            return;
        }
        for (Child child : node.children()) {
            node(child)
                    .ifPresent(below ->
                            visit(new Opening(below, node.isQuietBelow(child), at.user), openings, visited, depth + 1));
        }
        if (node.isFile() || node.hasHeader()) {
            openings.add(at);
        }
    }

    /** The file whose content a node interprets; empty where that is no file as a whole. */
    public Optional<Node> file(Node node) {
        Optional<Node> at = child(node, "file");
        for (int depth = 0; depth < MAXIMUM_DEPTH && at.isPresent() && !at.get().isFile(); depth++) {
            Node inner = at.get();
            at = switch (inner.driver()) {
                case RAW, FILTER, FILTER_WITH_LOG, FILTER_WITH_TARGET -> child(inner, "file");
                case DEBUG -> child(inner, "image");
                case FILE, FORMAT, UNDECLARED, LUKS, VERIFY, QUORUM, REMOTE, NOTHING, UNKNOWN_FILES, UNKNOWN ->
                    Optional.empty();
            };
        }
        return at.filter(Node::isFile);
    }

    private Optional<Node> child(Node node, String key) {
        return node.children(key).stream().findFirst().flatMap(this::node);
    }

    private Optional<Node> node(Child child) {
        return switch (child.below()) {
            case Child.Inside(Node inside) -> Optional.of(inside);
            case Child.Named(String name) -> named(name);
            case Child.Neither() -> Optional.empty();
        };
    }
}
