package labeler.vm;

import labeler.chain.Access;
import labeler.problem.Worded;

/** The access of qemu to a file. */
public enum UseAccess implements Worded {
    READ_ONLY,
    READ_WRITE,
    /** Writes it, and creates it if it does not exist. */
    CREATE;

    /** The access to a file that is there. */
    public static UseAccess of(boolean isWriting) {
        return isWriting ? READ_WRITE : READ_ONLY;
    }

    /** The access to an image of a chain. */
    public static UseAccess of(Access image) {
        return of(image.isWriting());
    }

    public boolean isWriting() {
        return this != READ_ONLY;
    }
}
