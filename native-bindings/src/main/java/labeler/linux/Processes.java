package labeler.linux;

import java.util.List;
import java.util.Optional;

/** Other processes, and becoming another program. */
public interface Processes {
    /** A descriptor that always refers to the process, even if its number is used again: pidfd_open(2), since 5.3. */
    Descriptor open(Pid pid) throws LinuxException;

    /**
     * Waits until at least one of these processes has ended or the waker has been written to.
     *
     * @param waker an eventfd(2), see {@link #waker}
     * @param timeoutMillis -1 for no limit
     * @return the positions in {@code pidfds} of those that have ended; empty after a wake-up or the time limit
     */
    List<Integer> awaitExit(List<Descriptor> pidfds, Waker waker, int timeoutMillis) throws LinuxException;

    /**
     * Waits until no process reads any more what this one writes to a pipe, a socket or a terminal.
     *
     * @param descriptor of this process, by its number
     * @param timeoutMillis 0 for a look without a wait
     * @return whether that is so; never for a file
     */
    boolean awaitReadersEnd(int descriptor, int timeoutMillis) throws LinuxException;

    /** An object that interrupts {@link #awaitExit}. */
    Waker waker() throws LinuxException;

    /**
     * Asks a process to end, by SIGTERM: pidfd_send_signal(2), since 5.1. It is no error if it has already ended.
     *
     * @param process a pidfd, see {@link #open}
     */
    void terminate(Descriptor process) throws LinuxException;

    /**
     * Ends a process by SIGKILL: pidfd_send_signal(2), since 5.1. It is no error if the process has already ended.
     *
     * @param process a pidfd, see {@link #open}
     */
    void kill(Descriptor process) throws LinuxException;

    /**
     * Its number with its start time; empty if there is no such process, or the last of its threads has ended. If its
     * first thread has ended and others have not, the process still lives: they have its files open.
     *
     * @throws LinuxException if this cannot be determined (for example EMFILE): the process may be alive
     */
    Optional<ProcessIdentity> identify(Pid pid) throws LinuxException;

    /**
     * The security context of a process (/proc/PID/attr/current); empty if it ended or no module keeps one.
     *
     * @throws LinuxException if it cannot be read
     */
    Optional<byte[]> context(Pid pid) throws LinuxException;

    /**
     * The control groups of a process (/proc/PID/cgroup), a line for each hierarchy; empty if it ended. The children of a
     * service are in the service's, unless somebody moved them.
     *
     * @throws LinuxException if they cannot be read
     */
    Optional<byte[]> controlGroups(Pid pid) throws LinuxException;

    /** All processes of this pid namespace. */
    List<Pid> list() throws LinuxException;

    /** The identity of this boot (/proc/sys/kernel/random/boot_id). */
    String bootId() throws LinuxException;

    /** Wakes the thread that waits in {@link #awaitExit}. Safe from any thread. */
    interface Waker extends AutoCloseable {
        Descriptor descriptor();

        void wake();

        @Override
        void close();
    }
}
