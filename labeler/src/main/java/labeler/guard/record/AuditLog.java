package labeler.guard.record;

/** The record of decisions and events. It never holds up a caller: a line that cannot be written is counted. */
@FunctionalInterface
public interface AuditLog {
    /** Nobody reads what happened. */
    AuditLog NOWHERE = _ -> {};

    /**
     * Takes an entry, with the time of this call. It returns at once, whatever the disk does, and never throws. An entry
     * that finds no place in the queue is lost and counted.
     */
    void add(AuditEntry entry);
}
