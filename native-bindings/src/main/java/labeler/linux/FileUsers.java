package labeler.linux;

/** Doing things with files as another user, as a file server has to see it: setfsuid(2). */
public interface FileUsers {
    /** What is done as somebody else. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws LinuxException;
    }

    /**
     * Does it with this user's rights on files alone, and none of root's. Other threads are not affected, but for
     * those that the work itself makes; and the groups beside the one that is given are still this process's own.
     *
     * @throws LinuxException EPERM if this process may not (CAP_SETUID, CAP_SETGID), and whatever the work throws
     */
    <T> T as(FileUser user, Work<T> work) throws LinuxException;
}
