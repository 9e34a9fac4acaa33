package labeler.lifecycle;

import labeler.problem.Worded;

/** Where a VM is on its way. */
public enum VmState implements Worded {
    PLANNED,
    STARTING,
    RUNNING,
    STOPPING
}
