package labeler.openfiles;

import labeler.linux.Access;

/**
 * How a file is open.
 *
 * @param direct whether with O_DIRECT
 */
public record OpenMode(Access access, boolean direct) {
    /** The word for the access in JSON and messages. */
    public static String word(Access access) {
        return switch (access) {
            case READ_ONLY -> "read-only";
            case READ_WRITE -> "read-write";
            case WRITE_ONLY -> "write-only";
        };
    }

    public boolean writes() {
        return access.isWriting();
    }

    @Override
    public String toString() {
        return word(access) + (direct ? " with O_DIRECT" : "");
    }
}
