package labeler.linux;

/**
 * A file that was not opened.
 *
 * @param path as it was asked for
 * @param detail in words, naming no path
 */
public record OpenRefusal(HostPath path, Reason reason, String detail) implements OpenOutcome {
    /** Why it was not opened. */
    public enum Reason {
        /** Nothing is there: ENOENT, ENOTDIR, ENAMETOOLONG, a loop of links, a dangling link. */
        MISSING,
        /** A FIFO, socket, directory or character device where an image was expected. */
        WRONG_TYPE,
        /** A symbolic or magic link where none may be. */
        LINK,
        /** Another file took its place between looking and opening. */
        CHANGED,
        /** Permission, I/O error or lack of descriptors. */
        UNREADABLE
    }
}
