package labeler.lifecycle;

import labeler.problem.Problem;

/** The result of a request for the end of a VM. */
public sealed interface StopOutcome {
    record Stopped(VmReport report) implements StopOutcome {}

    /** Nothing has changed: its process runs. */
    record NotStopped(Problem problem) implements StopOutcome {}
}
