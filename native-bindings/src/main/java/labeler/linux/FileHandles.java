package labeler.linux;

import java.util.Optional;

/** Finding a file again whose name has changed, or telling for certain that it is no more. */
public interface FileHandles {
    /** The file's handle; empty where its file system has none (EOPNOTSUPP), as ramfs and some overlays. */
    Optional<FileHandle> of(OpenedFile file) throws LinuxException;

    /**
     * Finds a regular file or block device by its handle and whatever its name, and holds it as {@link SafeOpen#find} does.
     * Needs CAP_DAC_READ_SEARCH.
     *
     * @param identity of the file that the handle was made of: another one behind it is refused
     * @param lastKnown a name that it had: the directories above it tell the file system, the nearest first. One that is
     *     gone, may not be opened, or has another file system mounted over it does not hide those above
     */
    Found find(FileHandle handle, FileIdentity identity, HostPath lastKnown);

    /** What came of it. */
    sealed interface Found {}

    /** The same file, which the caller closes and cannot read from. Its real path is the name it has now, where the kernel knows one. */
    record Present(OpenedFile file) implements Found {}

    /** The file system that it was on says that there is no such file any more: its label went with it. */
    record Deleted() implements Found {}

    /**
     * It cannot be told.
     *
     * @param reason in words: {@code its file system is not mounted}
     */
    record Unknown(String reason) implements Found {}

    /** Something stood in the way of looking, which may be gone another time: no descriptors left, or a failing disk. */
    record Failed(String message) implements Found {}

    /** What an error of the kernel means: EPERM and EOPNOTSUPP will be the same another time. */
    static Found failed(LinuxException e) {
        String message = String.valueOf(e.getMessage());
        boolean isLasting = e.errno() == Errno.EPERM || e.errno() == Errno.EOPNOTSUPP;
        return isLasting ? new Unknown(message) : new Failed(message);
    }
}
