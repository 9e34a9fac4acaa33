package labeler.vm.qemu.block;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.linux.HostPath;
import labeler.vm.DefinitionBuilder;
import labeler.vm.Origin;
import labeler.vm.qemu.text.ByteText;

/**
 * The block nodes of one command line, each in its place. It serves to declare uses of files, to put in descriptors,
 * and to find a node by its name.
 */
public final class NodeTree {
    /** The tree of a command line without disks. */
    public static final NodeTree EMPTY = new NodeTree(List.of(), _ -> false, new DefinitionBuilder(HostPath.of("/")));

    private final List<Disk> disks;
    private final Map<OptionPlace, Disk> byPlace;
    private final Map<String, Node> byName = new HashMap<>();
    /** The disks that are in use by themselves, and not only below others. */
    private final Set<OptionPlace> used = new HashSet<>();

    /**
     * The tree of these disks; two nodes with the same name are a problem.
     *
     * @param met in the order in which names count
     * @param isAttached whether an option that is no block node uses the node of this name
     */
    NodeTree(List<Disk> met, Predicate<String> isAttached, DefinitionBuilder out) {
        this.disks = met.stream()
                .sorted(Comparator.comparingInt(disk -> disk.place().position()))
                .toList();
        this.byPlace = met.stream().collect(Collectors.toUnmodifiableMap(Disk::place, Function.identity()));
        met.forEach(disk -> index(disk, out));
        findUsed(isAttached);
    }

    /** A node may be built on a drive by its id; qemu has no node and no drive of one name. */
    private void index(Disk disk, DefinitionBuilder out) {
        if (disk instanceof Disk.OfDrive(Drive drive, Node root)) {
            drive.settings().get("id").filter(id -> !id.isEmpty()).ifPresent(id -> put(id, root, out));
        }
        index(disk.root(), out);
    }

    private void put(String name, Node node, DefinitionBuilder out) {
        if (byName.putIfAbsent(name, node) != null) {
            out.malformed(node.origin(), "a second block node with the name " + ByteText.shown(name));
        }
    }

    /** Recursion is bounded by the depth of the node. */
    private void index(Node node, DefinitionBuilder out) {
        node.name().ifPresent(name -> put(name, node, out));
        for (Child child : node.written()) {
            if (child.below() instanceof Child.Inside(Node inside)) {
                index(inside, out);
            }
        }
    }

    private void findUsed(Predicate<String> isAttached) {
        Set<String> referenced = new HashSet<>();
        for (Disk disk : disks) {
            if (disk instanceof Disk.OfDrive) {
                used.add(disk.place());
                follow(disk.root(), referenced);
            }
        }
        // A node is defined before the nodes that build on it. Going backwards, it is known of each whether one does.
        for (Disk disk : disks.reversed()) {
            Optional<String> name = disk.root().name();
            if (disk instanceof Disk.Blockdev
                    && (name.filter(referenced::contains).isEmpty() || isAttached.test(name.orElse("")))) {
                used.add(disk.place());
                follow(disk.root(), referenced);
            }
        }
    }

    /** Follows all names that lead on from a node. Uses a queue, since there may be as many as options. */
    private void follow(Node node, Set<String> referenced) {
        Deque<Node> queue = new ArrayDeque<>(List.of(node));
        while (!queue.isEmpty()) {
            for (Child child : queue.removeFirst().children()) {
                boolean isKnown = child.below() instanceof Child.Named(String name) && !referenced.add(name);
                if (!isKnown) {
                    node(child).ifPresent(queue::add);
                }
            }
        }
    }

    /** The disks in the order of the command line; a drive without a medium is none. */
    public List<Disk> disks() {
        return disks;
    }

    /** The disk that this option defines, if it does. */
    public Optional<Disk> disk(OptionPlace place) {
        return Optional.ofNullable(byPlace.get(place));
    }

    /** The node of this name, at any place. */
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
     * @param quiet whether the user above it never writes
     * @param user the option from which the way leads here
     */
    public record Opening(Node node, boolean quiet, Origin user) {}

    private record Visit(NodePlace place, boolean quiet) {}

    /** All openings in qemu's order, which opens lower nodes first; each node once for each way of using it. */
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
        if (depth > BlockResolver.MAXIMUM_DEPTH || !visited.add(new Visit(node.place(), at.quiet))) {
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

    /** The file whose content a node interprets; empty if that is no file as a whole. */
    public Optional<Node> file(Node node) {
        Optional<Node> at = child(node, "file");
        for (int depth = 0;
                depth < BlockResolver.MAXIMUM_DEPTH
                        && at.isPresent()
                        && !at.get().isFile();
                depth++) {
            Node inner = at.get();
            at = switch (inner.driver()) {
                case RAW, FILTER, FILTER_WITH_LOG, FILTER_WITH_TARGET -> child(inner, "file");
                case DEBUG -> child(inner, "image");
                case FILE, FORMAT, UNDECLARED, LUKS, VERIFY, QUORUM, REMOTE, NOTHING, NO_IMAGE, UNKNOWN ->
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
