package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;

/** The answer about a VM that is about to come from another host. */
public sealed interface ArrivalOutcome {
    /**
     * It may come.
     *
     * @param host on which it runs, for people
     * @param process the context that it is to have here, at the level that it has there
     */
    record Comes(String host, SecurityContext process) implements ArrivalOutcome {}

    /** No other host has it on record. It starts as any other. */
    record Unknown() implements ArrivalOutcome {}

    /** It may not come. */
    record Refused(List<Problem> problems) implements ArrivalOutcome {
        public Refused {
            problems = List.copyOf(problems);
        }
    }
}
