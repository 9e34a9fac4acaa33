package labeler.linux;

/**
 * A file that was not opened.
 *
 * @param path as it was requested
 * @param detail in words, naming no path
 */
public record OpenRefusal(HostPath path, Reason reason, String detail) implements OpenOutcome {
    /** The reason why it was not opened. */
    public enum Reason {
        /**
         * Nothing is there: ENOENT, ENOTDIR, ENAMETOOLONG, a loop of links, a dangling link; or a device node with no
         * device behind it (ENODEV: its module is not loaded).
         */
        MISSING,
        /** A FIFO, socket, directory or character device where an image was expected. */
        WRONG_TYPE,
        /** A symbolic or magic link where none is allowed, or a link that neither root nor the target's owner made. */
        LINK,
        /**
         * Another file took its place between looking and opening, or it lost its name (it has no name left, or only
         * others).
         */
        CHANGED,
        /** Permission, I/O error or lack of descriptors. */
        UNREADABLE
    }

    /** The refusal for an errno of open(2), if ELOOP means too many links. */
    public static OpenRefusal of(HostPath path, int code) {
        Errno errno = Errno.of(code);
        Reason reason = switch (errno) {
            case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP, ENODEV -> Reason.MISSING;
            case EISDIR -> Reason.WRONG_TYPE;
            case ESTALE -> Reason.CHANGED;
            default -> Reason.UNREADABLE;
        };
        return new OpenRefusal(path, reason, LinuxException.describe(code));
    }

    /** The refusal of a file that is not of a requested kind. */
    public static OpenRefusal wrongType(HostPath path, FileType found) {
        return new OpenRefusal(path, Reason.WRONG_TYPE, "is a " + found.text());
    }

    /** The refusal of a path with a link in it that may not be followed. */
    public static OpenRefusal link(HostPath path, String detail) {
        return new OpenRefusal(path, Reason.LINK, detail);
    }

    /** The refusal of a link where none is allowed. */
    public static final String ANY_LINK = "leads through a symbolic link";

    /** The refusal of a link that is never followed. */
    public static final String MAGIC_LINK = "leads through a magic link of /proc";

    /** The refusal of a link that its owner may have put there to get access to its target. */
    public static String linkOfAnother(int owner, int targetOwner) {
        return "leads through a symbolic link of user " + owner + " to what belongs to user " + targetOwner
                + "; name the file itself, or have root own the link (chown -h root)";
    }
}
