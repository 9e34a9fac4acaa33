package labeler.linux;

/** The kinds of file that stat(2) distinguishes. */
public enum FileType {
    REGULAR("regular file"),
    DIRECTORY("directory"),
    BLOCK_DEVICE("block device"),
    CHARACTER_DEVICE("character device"),
    FIFO("FIFO"),
    SOCKET("socket"),
    SYMBOLIC_LINK("symbolic link");

    private final String text;

    FileType(String text) {
        this.text = text;
    }

    /** In words, for messages: {@code block device}. */
    public String text() {
        return text;
    }
}
