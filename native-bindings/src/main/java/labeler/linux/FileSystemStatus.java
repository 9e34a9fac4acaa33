package labeler.linux;

import java.util.OptionalLong;

/**
 * What fstatfs(2) says.
 *
 * @param magic {@code f_type}: {@code 0xEF53} ext4, {@code 0x6969} NFS, … (statfs(2))
 * @param id {@code f_fsid}: which file system this is, whatever device it is on, and of btrfs which subvolume; made of its
 *     UUID, so that a copy of a whole disk has the same one. Empty where there is none, or only the device's number again
 *     (XFS, F2FS)
 * @param blockSize {@code f_bsize}, bytes
 * @param freeBlocks {@code f_bavail}: free to unprivileged users
 */
public record FileSystemStatus(long magic, OptionalLong id, long blockSize, long freeBlocks) {}
