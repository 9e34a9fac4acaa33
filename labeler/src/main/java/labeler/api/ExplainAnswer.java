package labeler.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import labeler.explain.Explanation;
import labeler.json.LeftOut;

/**
 * Explanations.
 *
 * @param unreadable denials among the lines that could not be read
 * @param leftOut different denials, the oldest, that were too many
 * @param logBegins the time at which the log begins that a command has read, if it was to read earlier times as well; empty
 *     in an answer of the service, which reads no log
 */
public record ExplainAnswer(
        List<Explanation> explanations,
        long unreadable,
        long leftOut,
        @LeftOut Optional<Instant> logBegins) {
    /** An answer of the service. */
    public ExplainAnswer(List<Explanation> explanations, long unreadable, long leftOut) {
        this(explanations, unreadable, leftOut, Optional.empty());
    }

    public ExplainAnswer {
        explanations = List.copyOf(explanations);
    }

    /** The same, of a log that begins then. */
    public ExplainAnswer of(Optional<Instant> begins) {
        return new ExplainAnswer(explanations, unreadable, leftOut, begins);
    }
}
