package labeler.guard.record;

import java.util.Optional;
import labeler.json.LeftOut;

/**
 * How a command or an event ended.
 *
 * @param outcome of a command
 * @param rule the id of the rule that refused it, {@code S1}
 * @param message one line for people, never with a secret
 * @param milliseconds from the command's arrival to its answer
 */
public record Result(
        @LeftOut Optional<Outcome> outcome,
        @LeftOut Optional<String> rule,
        @LeftOut Optional<String> message,
        @LeftOut Optional<Long> milliseconds) {
    /** Nothing is told. */
    static final Result NONE = new Result(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Longer messages are cut: a client can have any text repeated in an error. */
    private static final int MOST_CHARACTERS = 2_000;

    public Result {
        rule = rule.map(id -> Bounds.text(id, Bounds.SHORT_TEXT));
        message = message.map(text -> Bounds.text(text, MOST_CHARACTERS));
    }
}
