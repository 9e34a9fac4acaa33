package labeler.disk;

import java.util.List;
import java.util.Optional;

/**
 * The result of an operation.
 *
 * @param message one line
 * @param job its job; empty if there was none
 * @param drive the disk afterwards; empty if nobody knows
 * @param unused nodes that the disk does not use any more, and that qemu keeps
 */
public record Outcome(Kind kind, String message, Optional<String> job, Optional<Drive> drive, List<String> unused) {
    /** How it ended. */
    public enum Kind {
        DONE,
        /** The job goes on, and nobody waits for it. */
        STARTED,
        /** The guard has refused it. Nothing has changed. */
        REFUSED,
        /** The same, since another VM has the file. */
        CONFLICT,
        /** qemu could not. */
        FAILED,
        /** By a person. The disk is as before. */
        CANCELLED,
        /** The monitor was lost before the end. */
        UNKNOWN
    }

    public Outcome {
        unused = List.copyOf(unused);
    }

    static Outcome without(Kind kind, String message) {
        return new Outcome(kind, message, Optional.empty(), Optional.empty(), List.of());
    }
}
