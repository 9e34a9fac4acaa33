package labeler.guard.judge;

import java.util.List;
import java.util.Set;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.guard.sense.NodeFiles;
import labeler.journal.FileHold;

/** What a service that was killed has left in qemu. For the judge's own thread. */
final class Leftovers {
    /** The commands for which the guard adds nodes: the origins of the holds on their files. */
    private static final Set<String> COPYING = Set.of("drive-mirror", "drive-backup", "transaction");

    private final JudgeMeans means;
    private final VmState state;

    /** Descriptors of commands and jobs. */
    private List<QemuDialogue.Member> members = List.of();

    Leftovers(JudgeMeans means, VmState state) {
        this.means = means;
        this.state = state;
    }

    /** Takes up what goes on, and removes what nothing needs. */
    void begin(List<FileHold> held) {
        means.qemu().look().ifPresent(left -> {
            if (left.jobs().containsKey(OverlayFormatting.NAME)) {
                means.qemu().dismiss(OverlayFormatting.NAME);
            }
            left.nodes().keySet().stream()
                    .filter(node -> node.equals(OverlayFormatting.NAME) || VmState.isOfSet(node))
                    .forEach(means.qemu()::removeNode);
            copies(left, held);
        });
        members = means.qemu().members();
        state.descriptors().known(held);
        UnseenObjects.of(means.qemu(), held).ifPresent(now -> means.files().settle(means.run(), now::settled));
    }

    /** The nodes that were added for copies go with their last users now, too. */
    private void copies(BlockGraph left, List<FileHold> held) {
        NodeFiles nodes = state.nodes(left);
        held.stream()
                .filter(hold -> hold.uses().stream()
                        .anyMatch(use -> COPYING.contains(use.origin().text())))
                .flatMap(hold -> nodes.imageOf(hold.path()).stream())
                .filter(image -> left.files(image.name()).stream().anyMatch(this::isOnOwnSet))
                .map(Node::name)
                .forEach(state::copy);
    }

    private boolean isOnOwnSet(Node file) {
        return NodeFiles.set(file).filter(state::isOwnSet).isPresent();
    }

    /** A job of the last service's may open its files again by any of them. */
    void remove(BlockGraph graph) {
        if (!members.isEmpty() && graph.jobs().isEmpty()) {
            members.forEach(means.qemu()::remove);
            members = List.of();
        }
    }
}
