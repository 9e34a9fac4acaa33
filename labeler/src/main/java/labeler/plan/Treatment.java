package labeler.plan;

import labeler.problem.Worded;

/** What happens to a file. */
public enum Treatment implements Worded {
    /** Gets a security context, and its own back when its last holder leaves. */
    LABEL,
    /** Is opened for qemu and handed over as a descriptor. */
    PASS,
    /** Stays as it is. */
    LEAVE,
    /** May not be used so; the VM does not start. */
    REFUSE
}
