package labeler.chain;

/** The relation of a file that qemu does not open to the image that names it. */
public enum Relation {
    /**
     * The file below a differencing image. The image is not complete without it, and qemu ignores it, so this is a
     * problem.
     */
    PARENT("parent"),
    /** A backing file that qemu ignores: that of a part of an image, or of an image that is declared to have none. */
    BACKING("backing"),
    /** A data file that is named, but not in use. */
    DATA_FILE("data-file"),
    /** A part of a kind that qemu skips. */
    EXTENT("extent"),
    /** A list of blocks that changed since a backup (VMware). */
    CHANGE_TRACKING("change-tracking"),
    /** Data that a filter of the host keeps about the image (VMware). */
    SIDECAR("sidecar");

    private final String word;

    Relation(String word) {
        this.word = word;
    }

    /** The word for it in JSON and messages. */
    public String word() {
        return word;
    }
}
