package labeler.selinux;

/** The kinds of object that a VM's files are of, in the words of the policy. */
public enum ObjectClass {
    FILE("file"),
    BLOCK_FILE("blk_file");

    private final String word;

    ObjectClass(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
