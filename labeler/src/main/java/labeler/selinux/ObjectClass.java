package labeler.selinux;

/** The policy's object classes of a VM's files. */
public enum ObjectClass {
    FILE("file"),
    BLOCK_FILE("blk_file"),
    CHARACTER_FILE("chr_file"),
    FIFO_FILE("fifo_file"),
    SOCKET_FILE("sock_file"),
    DIRECTORY("dir");

    private final String word;

    ObjectClass(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
