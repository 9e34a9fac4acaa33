package labeler.linux;

/** A user and a group by their numbers. */
public record FileUser(int uid, int gid) {
    @Override
    public String toString() {
        return uid + ":" + gid;
    }
}
