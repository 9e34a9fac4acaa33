package labeler.guard.judge;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.Objection;
import labeler.guard.sense.Rule;
import labeler.json.Json;
import labeler.lifecycle.acquisition.JoinedFiles;

/**
 * Gives qemu the descriptors of a command's files, and what else it needs there before the command itself. If that does
 * not come to its end, the command is given up, and {@link Leftovers#owe owed}: its files stay held until qemu has said that it
 * has none of it.
 */
record HandingOver(QemuDialogue qemu, VmState state, Leftovers leftovers) {
    /** The result. */
    sealed interface Result {}

    /**
     * qemu has what it needs.
     *
     * @param command as qemu gets it
     * @param sets that have a member of ours now
     */
    record Given(Command command, List<Long> sets) implements Result {
        public Given {
            sets = List.copyOf(sets);
        }
    }

    record GivenUp(Objection why) implements Result {}

    /** Hands over. */
    Result handOver(long number, Meaning meaning, JoinedFiles taken, DescriptorRewriting rewriting) {
        boolean isGiven = false;
        try {
            Result result = result(meaning, taken, rewriting);
            isGiven = result instanceof Given;
            return result;
        } finally {
            // After a fault of the guard as well: qemu may have some of it.
            if (!isGiven) {
                leftovers.owe(number, taken);
            }
        }
    }

    private Result result(Meaning meaning, JoinedFiles taken, DescriptorRewriting rewriting) {
        Set<Long> sets = new LinkedHashSet<>();
        Optional<Command> command = rewriting.handOver(taken, qemu, state, sets);
        if (command.isEmpty() || !isFormatted(taken, meaning, command.get())) {
            return notTaken();
        }
        Optional<Node> stiff = meaning.rewritten().stream()
                .filter(Node::isReadOnly)
                .filter(image -> !canBeWritten(image))
                .findFirst();
        if (stiff.isPresent() && !qemu.isOverdue()) {
            return new GivenUp(new Objection(
                    Rule.S10,
                    "qemu cannot write the header of node " + stiff.get().name()
                            + ", and would die at the end of the job;"
                            + " give its file node \"auto-read-only\": true in place of \"read-only\": true"));
        }
        if (stiff.isPresent() || !rewriting.renew(taken, qemu)) {
            return notTaken();
        }
        return new Given(command.get(), List.copyOf(sets));
    }

    private Result notTaken() {
        return new GivenUp(new Objection(
                Rule.S11,
                qemu.isOverdue()
                        ? "qemu does not answer whether it takes the descriptors of this command's files; they stay held"
                                + " until it has. Try again when it answers"
                        : "qemu does not take the descriptors of this command's files"));
    }

    /** qemu opens the image for writing for a moment, and writes the name into its header that is there already. */
    private boolean canBeWritten(Node image) {
        // An overlay beside the chain of the command's device is in that of another root.
        Optional<String> root = state.nodes().graph().root(image).map(Node::name);
        Json.ObjectBuilder same = Json.object()
                .put("device", root.orElse(""))
                .put("image-node-name", image.name())
                .put("backing-file", image.backing());
        return root.isPresent() && qemu.ask("change-backing-file", same.build()).isPresent();
    }

    /** An overlay whose name qemu does not know gets its header before. */
    private boolean isFormatted(JoinedFiles taken, Meaning meaning, Command command) {
        OverlayFormatting formatting = new OverlayFormatting(qemu, state);
        return meaning.overlays().stream()
                .filter(overlay -> taken.handed().test(overlay.file()))
                .allMatch(overlay -> formatting.format(overlay, command));
    }
}
