package labeler.lifecycle;

import labeler.problem.Worded;

/** The state of a VM between its start and its end. */
public enum VmState implements Worded {
    PLANNED,
    STARTING,
    RUNNING,
    STOPPING
}
