package labeler.chain;

/** Which file it is, by whatever name it was reached: {@code st_dev} and {@code st_ino} of stat(2). */
public record FileIdentity(long device, long inode) {}
