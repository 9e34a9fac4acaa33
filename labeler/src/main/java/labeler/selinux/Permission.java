package labeler.selinux;

/** What can be done to a file, in the words of the policy. */
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
