package labeler.linux;

/** How a file is opened: open(2) {@code O_RDONLY}, {@code O_RDWR}, {@code O_WRONLY}. Labels need no more than reading. */
public enum Access {
    READ_ONLY,
    READ_WRITE,
    WRITE_ONLY;

    /** For a use that reads the file, and perhaps writes it. */
    public static Access of(boolean isWriting) {
        return isWriting ? READ_WRITE : READ_ONLY;
    }

    public boolean isWriting() {
        return this != READ_ONLY;
    }
}
