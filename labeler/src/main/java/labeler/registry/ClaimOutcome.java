package labeler.registry;

import java.util.List;

/** The result of a claim. */
public sealed interface ClaimOutcome {
    /** The VM has its pair and its files. */
    record Claimed(Claim claim) implements ClaimOutcome {}

    /**
     * The VM has nothing.
     *
     * @param restore files that were given back again, and that meanwhile everybody else had left
     */
    record NotClaimed(Refusal refusal, List<ToRestore> restore) implements ClaimOutcome {
        public NotClaimed {
            restore = List.copyOf(restore);
        }
    }
}
