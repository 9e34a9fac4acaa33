package labeler.vm;

/** What qemu does with a file. */
public enum UseAccess {
    READ_ONLY("read-only"),
    READ_WRITE("read-write"),
    /** Writes it, and creates it where it is not there. */
    CREATE("create");

    private final String word;

    UseAccess(String word) {
        this.word = word;
    }

    /** The word for it in JSON and messages. */
    public String word() {
        return word;
    }
}
