package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;

/** The result of a request for a guard. */
public sealed interface GuardOutcome {
    record Guarded(VmView vm) implements GuardOutcome {}

    /** Nothing has changed. */
    record NotGuarded(List<Problem> problems) implements GuardOutcome {
        public NotGuarded {
            problems = List.copyOf(problems);
        }
    }
}
