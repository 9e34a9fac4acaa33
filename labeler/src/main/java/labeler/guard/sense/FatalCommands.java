package labeler.guard.sense;

import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;

/**
 * Commands at which qemu dies by an assertion of its own, seen with qemu 10.0.
 *
 * @param look qemu's graph at this moment: the last look may be older than the end of a migration. Empty if qemu does not
 *     tell
 */
public record FatalCommands(Supplier<Optional<BlockGraph>> look) {
    /** They write a header, of a node that may be inactive; most others that write qemu refuses by itself then. */
    private static final Set<String> WRITING = Set.of("job-finalize", "block-job-finalize", "change-backing-file");

    /** Why the command may not be sent. */
    public Optional<Objection> objection(Command command) {
        if (command.name().equals("blockdev-reopen")
                && command.arguments().elements("options").isEmpty()) {
            return Optional.of(new Objection(
                    Rule.C1, "blockdev-reopen without a node would end qemu; name the node that changes in options"));
        }
        return WRITING.contains(command.name()) ? inactive(command.name()) : Optional.empty();
    }

    private Optional<Objection> inactive(String command) {
        Optional<BlockGraph> now = look.get();
        if (now.isEmpty()) {
            return Optional.of(new Objection(
                    Rule.S15, "qemu does not tell whether its nodes may be written; try again, or stop the VM"));
        }
        return now.flatMap(BlockGraph::inactive).map(node -> ofNode(command, node));
    }

    /** Two qemus must not write one image: a {@code cont} is no way out where another host has taken the VM over. */
    private static Objection ofNode(String command, Node node) {
        return new Objection(
                Rule.S15,
                "node " + NameRules.printable(node.name()) + " is inactive, as after a migration, and " + command
                        + " would end qemu; do it where the VM runs now; if no other qemu has these images (a saved VM),"
                        + " send cont or blockdev-set-active first");
    }
}
