package labeler.linux;

import java.util.Optional;

/** Finds a file again whose name has changed, or says for certain that it is deleted. */
public interface FileHandles {
    /** The file's handle; empty if its file system has none (EOPNOTSUPP), such as ramfs and some overlays. */
    Optional<FileHandle> of(OpenedFile file) throws LinuxException;

    /**
     * Finds a file of any kind but a symbolic link by its handle, under any name, and holds it as {@link SafeOpen#find} does.
     * Needs CAP_DAC_READ_SEARCH.
     *
     * @param identity of the file from which the handle was made: another file with this handle is refused
     * @param lastKnown a name that it had: the directories above it lead to the file system, the nearest first. A
     * directory that is gone, may not be opened, or has another file system mounted over it does not hide the higher
     * ones
     */
    Found find(FileHandle handle, FileIdentity identity, HostPath lastKnown);

    /**
     * The same for a file of which nothing but the handle is known: another host has made it.
     *
     * @param directory on the file's file system; it is opened again, by its real path
     * @param lastKnown the file's real path, if the kernel knows none
     */
    Found find(FileHandle handle, OpenedFile directory, HostPath lastKnown);

    /** The result. */
    sealed interface Found {}

    /** The same file, which the caller closes and cannot read from. Its real path is the name it has now, where the kernel knows one. */
    record Present(OpenedFile file) implements Found {}

    /**
     * Its file system says that there is no such file any more: its label is gone with it. The kernel says the same
     * (ESTALE) of an inode that cannot be read, so it proves a deletion only where the file's names are really absent.
     */
    record Deleted() implements Found {}

    /**
     * The file cannot be looked for.
     *
     * @param reason in words: {@code its file system is not mounted}
     */
    record Unknown(String reason) implements Found {}

    /** An obstacle prevented the look, and may be gone another time: no descriptors left, or a failing disk. */
    record Failed(String message) implements Found {}

    /** The meaning of an error of the kernel: EPERM and EOPNOTSUPP will be the same another time. */
    static Found failed(LinuxException e) {
        String message = String.valueOf(e.getMessage());
        boolean isLasting = e.errno() == Errno.EPERM || e.errno() == Errno.EOPNOTSUPP;
        return isLasting ? new Unknown(message) : new Failed(message);
    }
}
