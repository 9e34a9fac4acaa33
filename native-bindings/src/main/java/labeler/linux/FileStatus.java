package labeler.linux;

/**
 * The result of statx(2) for an open file.
 *
 * @param mode permission bits only (07777)
 * @param size in bytes; 0 for a block device
 * @param specialDevice {@code st_rdev}: which device a device node stands for, 0 for other files
 * @param mountId the mount through which it was reached (since Linux 5.8), as in /proc/self/mountinfo
 */
public record FileStatus(
        FileIdentity identity,
        FileType type,
        int mode,
        int uid,
        int gid,
        long size,
        long specialDevice,
        long mountId) {}
