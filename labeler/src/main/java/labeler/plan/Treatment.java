package labeler.plan;

import labeler.problem.Worded;

/** The treatment of a file. */
public enum Treatment implements Worded {
    /** Gets a security context, and its own back when its last holder leaves. */
    LABEL,
    /** Is opened for qemu and handed over as a descriptor. */
    PASS,
    /** Stays as it is. */
    LEAVE,
    /** May not be used in this way; the VM does not start. */
    REFUSE
}
