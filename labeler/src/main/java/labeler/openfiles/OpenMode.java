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

    /** Whether it is good for all that the other one is for: qemu closes a descriptor for reading that it needs no more. */
    boolean serves(OpenMode other) {
        return direct == other.direct && (access == other.access || access == Access.READ_WRITE);
    }

    public boolean writes() {
        return access.isWriting();
    }

    @Override
    public String toString() {
        return word(access) + (direct ? " with O_DIRECT" : "");
    }
}
