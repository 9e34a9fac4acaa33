package labeler.linux;

import java.util.Optional;

/**
 * Which file this is, whatever name leads to it. An inode number is given to a new file once its file is gone, so the
 * birth time, where the file system keeps one, tells the two apart.
 *
 * @param device {@code st_dev} of the file system, in the kernel's encoding; may change with a reboot
 * @param inode inode number, unsigned
 * @param birth creation time (statx(2) {@code stx_btime}, since Linux 4.11), empty where the file system has none
 */
public record FileIdentity(long device, long inode, Optional<Timestamp> birth) {
    /** Device and inode alone, which tell files apart that are there at the same time. */
    public FileIdentity withoutBirth() {
        return new FileIdentity(device, inode, Optional.empty());
    }

    /** Whether both are of one file: inode and birth time stay, device numbers are given anew at each boot. */
    public boolean isSameFile(FileIdentity other) {
        return inode == other.inode && birth.equals(other.birth) && (device == other.device || birth.isPresent());
    }
}
