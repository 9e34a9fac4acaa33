package labeler.lifecycle;

import java.util.List;
import labeler.problem.Problem;

/** The result of a detach. */
public sealed interface DetachOutcome {
    /** qemu has released the disk, and its files are given back, as the report says. */
    record Detached(VmReport report) implements DetachOutcome {}

    /** The VM keeps its files. */
    record NotDetached(List<Problem> problems) implements DetachOutcome {
        public NotDetached {
            problems = List.copyOf(problems);
        }
    }
}
