package labeler.disk;

import java.util.Optional;
import java.util.function.Predicate;
import labeler.json.Json.JsonObject;

/**
 * A command for the monitor, and its meaning.
 *
 * @param job the id of the job that it starts; empty if it is over with its answer
 * @param whenReady for a job that is ready, and waits for a word
 * @param file a file that it makes
 * @param isSeen whether a drive shows that it has happened; empty if no drive shows it
 * @param done the result in words
 */
public record Instruction(
        String command,
        JsonObject arguments,
        Optional<String> job,
        WhenReady whenReady,
        Optional<String> file,
        Optional<Predicate<Drive>> isSeen,
        String done) {
    /** The word for a job that is ready. */
    public enum WhenReady {
        /** There is no such state. */
        NOTHING,
        /** The drive changes to the target. */
        COMPLETE,
        /** The target is a whole copy now, and the drive stays. */
        END
    }

    /** The result of making one. */
    public sealed interface Result {}

    public record Possible(Drive drive, Instruction instruction) implements Result {}

    /**
     * It makes no sense for this disk.
     *
     * @param message one line, with the way out
     */
    public record NotPossible(String message) implements Result {}
}
