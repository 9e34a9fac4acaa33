package labeler.lifecycle;

import labeler.problem.Problem;

/** The result of a request for the end of a VM. */
public sealed interface StopOutcome {
    record Stopped(VmReport report) implements StopOutcome {}

    /** Nothing has changed: its process runs, or it is not the asker's to end. */
    record NotStopped(Problem problem) implements StopOutcome {}
}
