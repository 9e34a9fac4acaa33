package labeler.api;

import java.util.List;
import labeler.explain.Explanation;

/**
 * Explanations.
 *
 * @param unreadable denials among the lines that could not be read
 * @param leftOut different denials, the oldest, that were too many
 */
public record ExplainAnswer(List<Explanation> explanations, long unreadable, long leftOut) {
    public ExplainAnswer {
        explanations = List.copyOf(explanations);
    }
}
