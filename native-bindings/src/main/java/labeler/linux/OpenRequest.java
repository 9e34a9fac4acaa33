package labeler.linux;

import java.util.EnumSet;
import java.util.Set;

/**
 * The files that may be opened, and how a name may be resolved.
 *
 * <p>Opening a character device runs its driver and may do something (rewind a tape, start a watchdog, raise a line's
 * DTR), though it never blocks here. Allow {@link FileType#CHARACTER_DEVICE} only for known devices. A socket cannot be
 * opened at all, and a symbolic link is followed or refused, never opened itself.
 *
 * @param types the kinds of file that are acceptable; any other is refused before it is opened, so nothing blocks
 * @param links which symbolic links may be followed
 * @param locked files on which this process has a lock, by device and inode alone; they are found but never opened: a process
 *     loses all its locks on a file when it closes any descriptor of it (fcntl_locking(2))
 */
public record OpenRequest(Access access, Set<FileType> types, Links links, Set<FileIdentity> locked) {
    /** Which symbolic links may be followed on the way. */
    public enum Links {
        /**
         * As the kernel does by itself, but never a magic link of /proc ({@code RESOLVE_NO_MAGICLINKS}), and no link
         * that a user other than root or its target's owner may have put there.
         */
        FOLLOW,
        /** None at all ({@code RESOLVE_NO_SYMLINKS}): for a real path that was recorded earlier. */
        NONE
    }

    /** A disk image as a VM names it: a regular file or a block device, symbolic links followed. */
    public static final OpenRequest IMAGE =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.REGULAR, FileType.BLOCK_DEVICE), Links.FOLLOW);

    /** The same file again by its recorded real path. */
    public static final OpenRequest RECORDED =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.REGULAR, FileType.BLOCK_DEVICE), Links.NONE);

    /**
     * An object that may carry a label of ours, by its recorded real path. For {@link SafeOpen#find} alone: to open a
     * device runs its driver.
     */
    public static final OpenRequest RECORDED_OBJECT =
            new OpenRequest(Access.READ_ONLY, EnumSet.complementOf(EnumSet.of(FileType.SYMBOLIC_LINK)), Links.NONE);

    /** The same, by the name that a VM uses. For {@link SafeOpen#find} alone. */
    public static final OpenRequest NAMED_OBJECT =
            new OpenRequest(Access.READ_ONLY, RECORDED_OBJECT.types(), Links.FOLLOW);

    /** A directory by a recorded real path. */
    public static final OpenRequest DIRECTORY =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.DIRECTORY), Links.NONE);

    /** A directory as somebody names it, symbolic links followed. */
    public static final OpenRequest NAMED_DIRECTORY =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.DIRECTORY), Links.FOLLOW);

    public OpenRequest {
        types = Set.copyOf(types);
        locked = Set.copyOf(locked);
    }

    public OpenRequest(Access access, Set<FileType> types, Links links) {
        this(access, types, links, Set.of());
    }

    /** The same request, for reading and for these types alone. */
    public OpenRequest reading(Set<FileType> others) {
        return new OpenRequest(Access.READ_ONLY, others, links, locked);
    }

    /** The same request, for none of these files. */
    public OpenRequest except(Set<FileIdentity> files) {
        return new OpenRequest(access, types, links, files);
    }
}
