package labeler.doctor;

import java.util.Optional;
import labeler.json.LeftOut;
import labeler.problem.Worded;

/**
 * One thing that was looked at.
 *
 * @param check what it is, one word: {@code policy}
 * @param message one line
 * @param remedy a command, or what else to do; empty if nothing is to be done
 */
public record Finding(
        String check, State state, String message, @LeftOut Optional<String> remedy) {
    /** How it is. */
    public enum State implements Worded {
        GOOD,
        /** VMs run and are confined, and something could be better. */
        WARNING,
        /** VMs cannot be started, or are not confined as they should be. */
        FAULT,
        /** Does not concern this host, or cannot be seen by this user. */
        SKIPPED
    }

    public static Finding good(String check, String message) {
        return new Finding(check, State.GOOD, message, Optional.empty());
    }

    public static Finding warning(String check, String message, String remedy) {
        return new Finding(check, State.WARNING, message, Optional.of(remedy));
    }

    public static Finding fault(String check, String message, String remedy) {
        return new Finding(check, State.FAULT, message, Optional.of(remedy));
    }

    public static Finding skipped(String check, String message) {
        return new Finding(check, State.SKIPPED, message, Optional.empty());
    }
}
