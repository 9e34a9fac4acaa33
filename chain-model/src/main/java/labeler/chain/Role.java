package labeler.chain;

/** The role of a file for the image that names it. */
public enum Role {
    /** The top of a chain. */
    IMAGE("image"),
    /** The file below an overlay; qemu only reads it. */
    BACKING("backing"),
    /** The external data file of a qcow2 image, with the guest's data. */
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
