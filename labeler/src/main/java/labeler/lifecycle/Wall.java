package labeler.lifecycle;

/** What the kernel enforces around a VM's process. */
public enum Wall {
    SELINUX("selinux"),
    LANDLOCK("landlock"),
    /** Opening is denied, and the files were handed over as descriptors. */
    DESCRIPTORS("descriptors");

    private final String word;

    Wall(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
