package labeler.linux;

import java.util.List;
import java.util.Optional;

/** The file systems and mounts behind open files. */
public interface FileSystems {
    /** fstatfs(2). */
    FileSystemStatus status(OpenedFile file) throws LinuxException;

    /**
     * The UUID that the file system itself has, of any length up to 16 bytes: FS_IOC_GETFSUUID, since Linux 6.9. Empty if it
     * has none, and on an older kernel.
     *
     * @param file opened, not only found
     */
    byte[] uuid(OpenedFile file) throws LinuxException;

    /**
     * Has a network file system ask its server for what it knows of a file: statx(2) with AT_STATX_FORCE_SYNC. A client of
     * NFS was seen to go by an old label for minutes, also when the file was opened anew. On a local file system nothing
     * happens.
     */
    void refresh(OpenedFile file) throws LinuxException;

    /**
     * The mount through which the file was opened; empty if it has been unmounted since then (lazily). Cheap: the list
     * of mounts is read again only after the kernel has announced a change.
     */
    Optional<Mount> mount(OpenedFile file) throws LinuxException;

    /**
     * All mounts that this process sees, in the kernel's order: a mount on top of another comes after it. Cheap as
     * well.
     */
    List<Mount> mounts() throws LinuxException;

    /** The mounts of the file system with this number, as {@link Mount#device} has it. As cheap as {@link #mount}. */
    List<Mount> mounts(long device) throws LinuxException;

    /** A number that changes with each change to the list of mounts. Cheap. */
    long mountChanges() throws LinuxException;

    /**
     * Writes all data that this file's file system still holds in memory: syncfs(2). This may take long. It also fails
     * if data could not be written since the file was opened (since Linux 5.8), or before that if nobody has been told
     * yet.
     *
     * @param file opened, not only found
     */
    void sync(OpenedFile file) throws LinuxException;

    /**
     * The file that a loop device uses now, even if its name is changed or gone: LOOP_GET_STATUS64 of loop(4). Empty if
     * it uses none. The kernel does not report the file's birth time.
     *
     * @param device opened, not only found
     * @throws LinuxException also for a device of another kind
     */
    Optional<FileIdentity> behindLoop(OpenedFile device) throws LinuxException;
}
