package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;

/** The result of a start. */
public sealed interface StartOutcome {
    record Started(VmView vm) implements StartOutcome {}

    /** Nothing has changed: all labels that were set have been set back. */
    record NotStarted(List<Problem> problems) implements StartOutcome {
        public NotStarted {
            problems = List.copyOf(problems);
        }
    }
}
