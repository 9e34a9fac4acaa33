package labeler.chain;

/** How qemu may use an image. */
public enum Access {
    READ_ONLY,
    READ_WRITE;

    public static Access of(boolean isWriting) {
        return isWriting ? READ_WRITE : READ_ONLY;
    }

    public boolean isWriting() {
        return this == READ_WRITE;
    }
}
