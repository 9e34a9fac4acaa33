package labeler.lifecycle;

import labeler.problem.Worded;

/** How far a guard stands before a VM's monitor. */
public enum GuardState implements Worded {
    /** Every monitor of the VM is behind the guard. */
    ON,
    /** There are monitors beside the guarded one, or there may be. */
    PARTIAL,
    OFF
}
