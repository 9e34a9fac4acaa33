package labeler.guard.judge;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import labeler.journal.HoldTrigger;

/**
 * The ends that events have told, until the judge takes note of them. An event has a name alone, and what a client
 * begins next may have the same one. So the judge takes the ends with the answer to each command: those before it are
 * of earlier uses. For all threads.
 */
final class ToldEnds {
    /** The devices that leave between two looks. A qemu that tells of more lies, and what they had stays held. */
    private static final int MOST = 1_000;

    private final Set<HoldTrigger> told = ConcurrentHashMap.newKeySet();

    void add(HoldTrigger trigger) {
        if (told.size() < MOST) {
            told.add(trigger);
        }
    }

    /** Those that were told until now, each once. */
    Set<HoldTrigger> take() {
        Set<HoldTrigger> taken = Set.copyOf(told);
        told.removeAll(taken);
        return taken;
    }
}
