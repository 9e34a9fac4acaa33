package labeler.lifecycle;

import labeler.linux.HostPath;
import labeler.problem.Worded;

/**
 * The result for one file.
 *
 * @param message one line, for people
 */
public record FileReport(HostPath path, Outcome outcome, String message) {
    /** Whether a label that should be back is not. */
    public boolean isFailure() {
        return outcome == Outcome.FAILED || outcome == Outcome.LOST;
    }

    /** In the words of the JSON interface. */
    public enum Outcome implements Worded {
        /** It has its earlier label again. */
        REVERTED,
        /** Another VM still holds it, so its label stays. */
        STILL_HELD,
        /** Somebody else gave it another label; that stays. */
        CHANGED_BY_OTHERS,
        /** The file is deleted, and its label with it. */
        MISSING,
        /** It is not at its name and not known to be deleted. It stays on record, and its pair stays reserved. */
        LOST,
        FAILED,
        /** It has the right label. */
        AS_EXPECTED,
        /** Its label was missing and is set again. */
        RELABELLED,
        /** Its label would be set if this were not a dry run. */
        WOULD_CHANGE
    }
}
