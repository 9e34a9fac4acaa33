package labeler.chain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The files found so far, and the references between them. */
final class NodeGraph<F extends ImageFile> {
    private record Edge(int parent, int child, Role role) {}

    private final List<Chain.Node<F>> nodes = new ArrayList<>();
    private final List<Wanted> wanted = new ArrayList<>();
    private final List<List<Integer>> children = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    private final Map<FileIdentity, Integer> indexes = new HashMap<>();

    int size() {
        return nodes.size();
    }

    Chain.Node<F> node(int index) {
        return nodes.get(index);
    }

    /** The first reference to it, by which it was followed. */
    Wanted wanted(int index) {
        return wanted.get(index);
    }

    OptionalInt indexOf(FileIdentity identity) {
        Integer index = indexes.get(identity);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** Returns the index of the new node. */
    int add(Wanted first, FormatDecision.Decided decided, F file) {
        int index = nodes.size();
        nodes.add(new Chain.Node<>(
                first.name(),
                first.role(),
                decided.format(),
                decided.source(),
                decided.content(),
                first.depth(),
                first.parent(),
                first.namedBy(),
                first.access(),
                OptionalLong.empty(),
                List.of(),
                file));
        wanted.add(first);
        children.add(new ArrayList<>());
        indexes.put(file.identity(), index);
        first.parent().ifPresent(parent -> connect(parent, index, first.role()));
        return index;
    }

    void connect(int parent, int child, Role role) {
        children.get(parent).add(child);
        edges.add(new Edge(parent, child, role));
    }

    /** Whether the references lead from one file to the other; a file reaches itself. */
    boolean reaches(int from, int to) {
        BitSet seen = new BitSet();
        Deque<Integer> pending = new ArrayDeque<>(List.of(from));
        while (!pending.isEmpty()) {
            int index = pending.pop();
            if (index == to) {
                return true;
            }
            if (!seen.get(index)) {
                seen.set(index);
                children.get(index).forEach(pending::push);
            }
        }
        return false;
    }

    /** The facts of its header. */
    void setHeader(int index, OptionalLong size, List<Chain.HeaderReference> references) {
        Chain.Node<F> node = nodes.get(index);
        nodes.set(index, changed(node, node.access(), size, references));
    }

    /** A part of a writable image is writable, also if the image was found to be writable only later. */
    void settleAccess() {
        boolean settled;
        do {
            settled = true;
            for (Edge edge : edges) {
                if (isPart(edge.role())
                        && nodes.get(edge.parent()).access() == Access.READ_WRITE
                        && nodes.get(edge.child()).access() == Access.READ_ONLY) {
                    Chain.Node<F> child = nodes.get(edge.child());
                    nodes.set(edge.child(), changed(child, Access.READ_WRITE, child.virtualSize(), child.references()));
                    settled = false;
                }
            }
        } while (!settled);
    }

    List<Chain.Node<F>> nodes() {
        return List.copyOf(nodes);
    }

    void closeAll() {
        nodes.forEach(node -> node.file().close());
    }

    private static boolean isPart(Role role) {
        return switch (role) {
            case DATA_FILE, EXTENT -> true;
            case IMAGE, BACKING, PARENT -> false;
        };
    }

    private static <F extends ImageFile> Chain.Node<F> changed(
            Chain.Node<F> node, Access access, OptionalLong virtualSize, List<Chain.HeaderReference> references) {
        return new Chain.Node<>(
                node.name(),
                node.role(),
                node.format(),
                node.formatSource(),
                node.content(),
                node.depth(),
                node.parent(),
                node.namedBy(),
                access,
                virtualSize,
                references,
                node.file());
    }
}
