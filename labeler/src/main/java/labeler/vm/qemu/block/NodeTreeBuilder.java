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
import java.util.function.Predicate;
import labeler.vm.DefinitionBuilder;
import labeler.vm.qemu.text.ByteText;

/** Puts a tree together of the disks of a command line, as they are met. */
final class NodeTreeBuilder {
    private final DefinitionBuilder out;
    private final List<Disk> disks = new ArrayList<>();
    private final Map<String, Node> byName = new HashMap<>();

    NodeTreeBuilder(DefinitionBuilder out) {
        this.out = out;
    }

    void add(Disk disk) {
        disks.add(disk);
        index(disk.root());
    }

    /** Recursion is bounded by the depth of the node. */
    private void index(Node node) {
        node.name().ifPresent(name -> {
            if (byName.putIfAbsent(name, node) != null) {
                out.malformed(node.origin(), "a second block node with the name " + ByteText.shown(name));
            }
        });
        for (Child child : node.written()) {
            if (child.below() instanceof Child.Inside(Node inside)) {
                index(inside);
            }
        }
    }

    /** @param isAttached whether an option that is no block node uses the node of this name */
    NodeTree build(Predicate<String> isAttached) {
        List<Disk> inOrder = disks.stream()
                .sorted(Comparator.comparingInt(disk -> disk.place().position()))
                .toList();
        return new NodeTree(inOrder, byName, used(inOrder, isAttached));
    }

    private Set<OptionPlace> used(List<Disk> inOrder, Predicate<String> isAttached) {
        Set<OptionPlace> used = new HashSet<>();
        Set<String> referenced = new HashSet<>();
        for (Disk disk : inOrder) {
            if (disk instanceof Disk.OfDrive) {
                used.add(disk.place());
                follow(disk.root(), referenced);
            }
        }
        // A node is defined before what builds on it: backwards, it is known of each whether something does.
        for (Disk disk : inOrder.reversed()) {
            Optional<String> name = disk.root().name();
            if (disk instanceof Disk.Blockdev
                    && (name.filter(referenced::contains).isEmpty() || isAttached.test(name.orElse("")))) {
                used.add(disk.place());
                follow(disk.root(), referenced);
            }
        }
        return used;
    }

    /** All names that lead on from a node; a queue, since there may be as many as options. */
    private void follow(Node node, Set<String> referenced) {
        Deque<Node> queue = new ArrayDeque<>(List.of(node));
        while (!queue.isEmpty()) {
            for (Child child : queue.removeFirst().children()) {
                switch (child.below()) {
                    case Child.Inside(Node inside) -> queue.add(inside);
                    case Child.Named(String name) -> {
                        if (referenced.add(name)) {
                            Optional.ofNullable(byName.get(name)).ifPresent(queue::add);
                        }
                    }
                    case Child.Neither() -> {}
                }
            }
        }
    }
}
