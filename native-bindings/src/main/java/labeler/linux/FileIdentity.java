package labeler.linux;

import java.util.Optional;

/**
 * The identity of a file, independent of its name. After a file is gone, a new file may get its inode number, so the
 * birth time, if the file system keeps one, distinguishes the two.
 *
 * @param device {@code st_dev} of the file system, in the kernel's encoding; may change with a reboot
 * @param inode inode number, unsigned
 * @param birth creation time (statx(2) {@code stx_btime}, since Linux 4.11), empty where the file system has none
 */
public record FileIdentity(long device, long inode, Optional<Timestamp> birth) {
    /** Only device and inode, which distinguish files that exist at the same time. */
    public FileIdentity withoutBirth() {
        return new FileIdentity(device, inode, Optional.empty());
    }

    /**
     * Whether both are of one file: inode and birth time stay, device numbers are assigned anew at each boot. Where only
     * one of them has a birth time, its file system has begun or ceased to tell them, as NFS may with a new kernel: then
     * inode and device decide, as where it never tells them.
     */
    public boolean isSameFile(FileIdentity other) {
        boolean haveBirths = birth.isPresent() && other.birth.isPresent();
        return inode == other.inode && (haveBirths ? birth.equals(other.birth) : device == other.device);
    }

    /** Whether both have a birth time, or neither. */
    public boolean isAsExactAs(FileIdentity other) {
        return birth.isPresent() == other.birth.isPresent();
    }
}
