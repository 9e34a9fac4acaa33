package labeler.linux;

/** How a file is opened: open(2) {@code O_RDONLY}, {@code O_RDWR}, {@code O_WRONLY}. Labels need no more than reading. */
public enum Access {
    READ_ONLY,
    READ_WRITE,
    WRITE_ONLY
}
