package labeler.selinux;

/** The policy's permissions on a file. */
public enum Permission {
    READ("read"),
    WRITE("write"),
    APPEND("append"),
    OPEN("open"),
    GETATTR("getattr"),
    LOCK("lock"),
    IOCTL("ioctl");

    private final String word;

    Permission(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
