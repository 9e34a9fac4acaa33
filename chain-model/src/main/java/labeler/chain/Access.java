package labeler.chain;

/** How qemu may use a file. */
public enum Access {
    READ_ONLY,
    READ_WRITE
}
