package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;

/** What came of an attach. */
public sealed interface AttachOutcome {
    /**
     * The VM has it.
     *
     * @param disk by which name it is detached again
     */
    record Attached(VmView vm, String disk) implements AttachOutcome {}

    /** Nothing is changed by it, unless a problem says so. */
    record NotAttached(List<Problem> problems) implements AttachOutcome {
        public NotAttached {
            problems = List.copyOf(problems);
        }
    }
}
