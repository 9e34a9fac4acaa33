package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;

/** The effects of a start, if it were made. */
public sealed interface PlanOutcome {
    /** A plan for each file; the view's problems tell whether the start would be refused. */
    record Planned(VmView vm) implements PlanOutcome {}

    /** No level could be found, so there is no plan. */
    record NotPlanned(List<Problem> problems) implements PlanOutcome {
        public NotPlanned {
            problems = List.copyOf(problems);
        }
    }
}
