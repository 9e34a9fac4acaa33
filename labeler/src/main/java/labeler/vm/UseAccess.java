package labeler.vm;

import labeler.problem.Worded;

/** What qemu does with a file. */
public enum UseAccess implements Worded {
    READ_ONLY,
    READ_WRITE,
    /** Writes it, and creates it where it is not there. */
    CREATE
}
