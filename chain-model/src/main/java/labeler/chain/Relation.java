package labeler.chain;

/** What a file that qemu does not open is to the image that names it. */
public enum Relation {
    /** What a differencing image lies above. Without it the image is not whole, so qemu's not looking is a problem. */
    PARENT("parent"),
    /** A backing file of what has none to qemu: a part of an image, or an image that is declared to stand alone. */
    BACKING("backing"),
    /** A data file that is named, and not in use. */
    DATA_FILE("data-file"),
    /** A part of a kind that qemu passes over. */
    EXTENT("extent"),
    /** Which blocks have changed since a backup (VMware). */
    CHANGE_TRACKING("change-tracking"),
    /** What a filter of the host keeps about the image (VMware). */
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
