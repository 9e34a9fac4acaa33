package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;

/** The result of an attach. */
public sealed interface AttachOutcome {
    /**
     * The disk has joined the VM.
     *
     * @param disk the name by which it is detached again
     */
    record Attached(VmView vm, String disk) implements AttachOutcome {}

    /** Nothing has changed, unless a problem says so. */
    record NotAttached(List<Problem> problems) implements AttachOutcome {
        public NotAttached {
            problems = List.copyOf(problems);
        }
    }
}
