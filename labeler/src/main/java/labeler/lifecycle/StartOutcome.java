package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;

/** What came of a start. */
public sealed interface StartOutcome {
    record Started(VmView vm) implements StartOutcome {}

    /** Nothing is changed by it: whatever was set has been set back. */
    record NotStarted(List<Problem> problems) implements StartOutcome {
        public NotStarted {
            problems = List.copyOf(problems);
        }
    }
}
