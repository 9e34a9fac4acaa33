package labeler.chain;

/** What qemu may do with a file. */
public enum Access {
    READ_ONLY,
    READ_WRITE
}
