package labeler.chain;

/** What a file is to the image that names it. */
public enum Role {
    /** The top of a chain. */
    IMAGE("image"),
    /** What an overlay falls back to; qemu only reads it. */
    BACKING("backing"),
    /** Where a qcow2 image with an external data file keeps its guest data. */
    DATA_FILE("data-file"),
    EXTENT("extent"),
    PARENT("parent");

    private final String word;

    Role(String word) {
        this.word = word;
    }

    /** The word for it in JSON and messages. */
    public String word() {
        return word;
    }
}
