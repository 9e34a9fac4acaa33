package labeler.linux.contract;

import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.Linux;

/** A directory on some kernel, real or fake, in which a contract test sets its scene. */
public interface Stage {
    /** The kinds of mounts of a stage. */
    enum FileSystemKind {
        /** Keeps attributes and birth times, and has room. */
        ORDINARY,
        /** Takes no attributes: EOPNOTSUPP. */
        WITHOUT_ATTRIBUTES,
        /** Holds one file named {@code file} and one attribute {@code user.kept} of it, and is read-only. */
        READ_ONLY,
        /** Holds one file named {@code file} and no room for more. */
        FULL
    }

    Linux linux();

    /** The root of a file system of this kind, made on first use. */
    HostPath root(FileSystemKind kind) throws Exception;

    /** An absolute path below the ordinary file system's root. */
    default HostPath path(String name) throws Exception {
        return root(FileSystemKind.ORDINARY).child(name);
    }

    void file(HostPath path, byte[] content) throws Exception;

    void directory(HostPath path) throws Exception;

    /** Needs privileges. */
    void give(HostPath path, FileUser owner) throws Exception;

    /** As {@link #give}, of a symbolic link itself. */
    void giveLink(HostPath link, FileUser owner) throws Exception;

    /** Lets every user make names in a directory of root's. Needs privileges. */
    void open(HostPath directory) throws Exception;

    void symbolicLink(HostPath path, HostPath target) throws Exception;

    void hardLink(HostPath existing, HostPath path) throws Exception;

    void fifo(HostPath path) throws Exception;

    void socket(HostPath path) throws Exception;

    void characterDevice(HostPath path) throws Exception;

    void rename(HostPath from, HostPath to) throws Exception;

    void delete(HostPath path) throws Exception;

    /** A path that leads to this file through a magic link of procfs. */
    HostPath throughMagicLink(HostPath file) throws Exception;

    /** A test calls this first if it acts as root: gives files away, makes devices. */
    default void needsPrivileges() {}

    /** Leaves nothing behind. */
    void clear() throws Exception;
}
