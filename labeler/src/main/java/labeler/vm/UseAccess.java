package labeler.vm;

import labeler.problem.Worded;

/** The access of qemu to a file. */
public enum UseAccess implements Worded {
    READ_ONLY,
    READ_WRITE,
    /** Writes it, and creates it if it does not exist. */
    CREATE
}
