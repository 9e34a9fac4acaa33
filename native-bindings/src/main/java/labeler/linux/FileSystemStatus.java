package labeler.linux;

import java.util.OptionalLong;

/**
 * The result of fstatfs(2).
 *
 * @param magic {@code f_type}: {@code 0xEF53} ext4, {@code 0x6969} NFS, … (statfs(2))
 * @param id {@code f_fsid}: the identity of the file system, independent of its device, and on btrfs of the subvolume;
 * made of its UUID, so that a copy of a whole disk has the same one. Empty if there is none, or if it only repeats the
 * device's number (XFS, F2FS)
 * @param blockSize {@code f_bsize}, bytes
 * @param freeBlocks {@code f_bavail}: free to unprivileged users
 */
public record FileSystemStatus(long magic, OptionalLong id, long blockSize, long freeBlocks) {}
