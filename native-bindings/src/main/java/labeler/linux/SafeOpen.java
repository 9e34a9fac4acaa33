package labeler.linux;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens files whose names come from images, VM definitions and other hostile sources, and never blocks. */
public interface SafeOpen {
    /** Opens an existing file, or says why not. A relative path is relative to this process's directory. */
    OpenOutcome open(HostPath path, OpenRequest request);

    /**
     * Finds an existing file and holds it ({@code O_PATH}), or says why not: for its status, its attributes and its handle.
     * Nothing can be read from it. Since nothing is opened, no lease is broken, no driver is called, and no permission
     * on the file itself is needed.
     *
     * @param request its access is ignored here
     */
    OpenOutcome find(HostPath path, OpenRequest request);

    /**
     * Creates an empty regular file that must not exist yet ({@code O_CREAT|O_EXCL|O_NOFOLLOW}).
     *
     * @param mode permission bits
     * @throws LinuxException EEXIST if the name exists
     */
    OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException;

    /**
     * An empty file in memory, which no directory has, for reading and writing (memfd_create(2), since Linux 3.17).
     *
     * @param name for people alone: the kernel shows it beside the descriptor
     */
    Descriptor memory(String name) throws LinuxException;

    /**
     * Another descriptor on a file that is open already, with an open file description of its own: its own position, its
     * own locks. No name is looked up.
     *
     * @param direct whether to bypass the page cache ({@code O_DIRECT}); EINVAL where the file system cannot
     */
    Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException;

    /**
     * Removes a name, if it still leads to this very file. Linux has no way to do both at once: a user who may write to
     * the directory can still put another file there in between.
     *
     * @return whether it did
     */
    boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException;

    /**
     * The file to which the name leads now, with links followed; empty if there is none. For reports; never use it for
     * labelling.
     */
    Optional<FileStatus> look(HostPath path) throws LinuxException;

    /** As {@link #look}; empty also for what cannot be reached under this name from here. */
    default Optional<FileStatus> reach(HostPath path) {
        try {
            return look(path);
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /** Device and inode of what the name leads to; empty for nothing, and for what cannot be reached. */
    default Optional<FileIdentity> number(HostPath path) {
        return reach(path).map(FileStatus::identity).map(FileIdentity::withoutBirth);
    }

    /** Device and inode of each directory above this real path, without the root directory. */
    default Set<FileIdentity> above(HostPath realPath) {
        return Stream.iterate(realPath.parent(), name -> !name.equals(name.parent()), HostPath::parent)
                .flatMap(name -> number(name).stream())
                .collect(Collectors.toSet());
    }

    /**
     * The file that has this very name now: for a symbolic link the link itself. Empty if no file has it, or if there
     * is no such directory. Links on the way to the directory are followed as {@link OpenRequest.Links#FOLLOW} says.
     *
     * @throws LinuxException also for a link on the way that may not be followed (ELOOP)
     */
    Optional<FileStatus> lookAtName(HostPath path) throws LinuxException;

    /**
     * The number of bytes that the file has now: a regular file's size, or a block device's capacity, which {@link
     * FileStatus#size()} does not have.
     */
    long contentSize(OpenedFile file) throws LinuxException;

    /** When the file was touched last, its attributes included ({@code ctime} of inode(7)), as it is now. */
    Timestamp touched(OpenedFile file) throws LinuxException;
}
