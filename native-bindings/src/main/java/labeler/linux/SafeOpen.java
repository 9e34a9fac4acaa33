package labeler.linux;

import java.util.Optional;

/** Opening files whose names come from images, VM definitions and other hostile places, without ever blocking. */
public interface SafeOpen {
    /** Opens an existing file, or says why not. A relative path is relative to this process's directory. */
    OpenOutcome open(HostPath path, OpenRequest request);

    /**
     * Finds an existing file and holds it ({@code O_PATH}), or says why not: for its status, its attributes and its handle.
     * Nothing can be read from it. Since nothing is opened no lease is broken, no driver asked, and no permission on the file
     * itself needed.
     *
     * @param request its access means nothing here
     */
    OpenOutcome find(HostPath path, OpenRequest request);

    /**
     * Creates an empty regular file that must not exist yet ({@code O_CREAT|O_EXCL|O_NOFOLLOW}).
     *
     * @param mode permission bits
     * @throws LinuxException EEXIST if anything is there
     */
    OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException;

    /**
     * Another descriptor on a file that is open already, with an open file description of its own: its own position, its
     * own locks. No name is looked up.
     *
     * @param direct whether to bypass the page cache ({@code O_DIRECT}); EINVAL where the file system cannot
     */
    Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException;

    /**
     * Removes a name, if it still leads to this very file. Linux has no way to do both at once: whoever may write to the
     * directory can still put another file there in between.
     *
     * @return whether it did
     */
    boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException;

    /** What the name leads to just now, links followed; empty if nothing. For reports, never a base for labelling. */
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

    /**
     * What has this very name just now: of a symbolic link the link itself. Empty if nothing has it, or there is no such
     * directory. Links on the way to the directory are followed as {@link OpenRequest.Links#FOLLOW} says.
     *
     * @throws LinuxException also for a link on the way that may not be followed (ELOOP)
     */
    Optional<FileStatus> lookAtName(HostPath path) throws LinuxException;

    /**
     * How many bytes the file holds just now: a regular file's size, or a block device's capacity, which
     * {@link FileStatus#size()} does not tell.
     */
    long contentSize(OpenedFile file) throws LinuxException;
}
