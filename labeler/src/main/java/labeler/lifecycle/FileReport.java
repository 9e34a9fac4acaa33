package labeler.lifecycle;

import labeler.linux.HostPath;
import labeler.problem.Worded;

/**
 * What came of one file.
 *
 * @param message one line, for people
 */
public record FileReport(HostPath path, Outcome outcome, String message) {
    /** Whether a label is not back that should be. */
    public boolean isFailure() {
        return outcome == Outcome.FAILED || outcome == Outcome.LOST;
    }

    /** In the words of the JSON interface. */
    public enum Outcome implements Worded {
        /** It has back what it had. */
        REVERTED,
        /** Another VM holds it still, so its label stays. */
        STILL_HELD,
        /** Somebody else gave it another label; that stays. */
        CHANGED_BY_OTHERS,
        /** The file is deleted, and its label with it. */
        MISSING,
        /** It is not at its name and not known to be deleted: it stays on record, and its pair reserved. */
        LOST,
        FAILED,
        /** It has the label that it should. */
        AS_EXPECTED,
        /** It lacked its label, and has it again. */
        RELABELLED,
        /** It would be set, were this not a dry run. */
        WOULD_CHANGE
    }
}
