package labeler.guard.judge;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;

/**
 * Ends of which qemu has to be asked: of a migration it tells only a client that wants such events, and of a dump only
 * once. No answer is no end.
 */
record AskedEnds(QemuDialogue qemu) {
    /** The states of a migration or a dump that is over, or was never begun. In any other, qemu may use the file. */
    private static final Set<String> OVER = Set.of("none", "completed", "failed", "cancelled");

    /** Those of these triggers of which qemu says that they are over. */
    Set<HoldTrigger> of(Stream<HoldTrigger> triggers) {
        return triggers.distinct().filter(this::isOver).collect(Collectors.toUnmodifiableSet());
    }

    private boolean isOver(HoldTrigger trigger) {
        return question(trigger).flatMap(qemu::status).filter(OVER::contains).isPresent();
    }

    private static Optional<String> question(HoldTrigger trigger) {
        return switch (trigger) {
            case HoldTrigger.Migration() -> Optional.of("query-migrate");
            case HoldTrigger.Dump() -> Optional.of("query-dump");
            case HoldTrigger.Start _,
                    HoldTrigger.Disk _,
                    HoldTrigger.Graph _,
                    HoldTrigger.Node _,
                    HoldTrigger.Command _,
                    HoldTrigger.Job _,
                    HoldTrigger.QemuObject _,
                    HoldTrigger.CharacterDevice _,
                    HoldTrigger.LiveDefinition _,
                    HoldTrigger.Settling _ -> Optional.empty();
        };
    }

    /** Whether qemu has to be asked again and again. */
    static boolean isAsked(FileHold hold) {
        return question(hold.trigger()).isPresent();
    }
}
