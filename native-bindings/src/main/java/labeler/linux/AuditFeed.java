package labeler.linux;

/** Audit records of some types, in the order in which the kernel makes them. For one thread. */
public interface AuditFeed extends AutoCloseable {
    /** More would not fit into the jumps of a filter. */
    int MOST_TYPES = 100;

    /** An answer. */
    sealed interface Next {}

    /**
     * A record of the kernel's.
     *
     * @param type of linux/audit.h
     * @param text as in a log, behind the type: {@code audit(1764230695.123:456): avc:  denied …}
     */
    record Received(int type, String text) implements Next {}

    /** Records came faster than they were read, and the kernel has dropped some. */
    record Missed() implements Next {}

    /** None came in time, or somebody woke the reader. */
    record Nothing() implements Next {}

    /**
     * Waits for the next record.
     *
     * @param timeoutMillis -1 for no limit
     */
    Next next(Processes.Waker waker, int timeoutMillis) throws LinuxException;

    @Override
    void close();
}
