package labeler.chain;

/** The identity of a file, independent of its name: {@code st_dev} and {@code st_ino} of stat(2). */
public record FileIdentity(long device, long inode) {}
