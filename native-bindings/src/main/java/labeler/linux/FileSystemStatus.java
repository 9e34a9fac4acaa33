package labeler.linux;

/**
 * What fstatfs(2) says.
 *
 * @param magic {@code f_type}: {@code 0xEF53} ext4, {@code 0x6969} NFS, … (statfs(2))
 * @param blockSize {@code f_bsize}, bytes
 * @param freeBlocks {@code f_bavail}: free to unprivileged users
 */
public record FileSystemStatus(long magic, long blockSize, long freeBlocks) {}
