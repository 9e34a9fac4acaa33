package labeler.linux;

/** Works with files as another user, as a file server has to see it: setfsuid(2). */
public interface FileUsers {
    /** Work that is done as another user. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws LinuxException;
    }

    /**
     * Does the work with only this user's rights on files, and none of root's. Other threads are not affected, except
     * those that the work itself makes. The supplementary groups are still this process's own.
     *
     * @throws LinuxException EPERM if this process may not (CAP_SETUID, CAP_SETGID), and each exception of the work
     */
    <T> T as(FileUser user, Work<T> work) throws LinuxException;
}
