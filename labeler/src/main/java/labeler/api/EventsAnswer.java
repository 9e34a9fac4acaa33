package labeler.api;

import java.util.List;
import labeler.guard.record.AuditLine;

/**
 * Some lines of the audit log.
 *
 * @param next where to go on: the parameter {@code after} of the next request
 * @param more whether there is more already
 * @param damaged lines that could not be read, and were skipped
 */
public record EventsAnswer(List<AuditLine> events, String next, boolean more, long damaged) {
    /** The place of a client that wants only what happens from now on. */
    public static final String NOW = "now";

    public EventsAnswer {
        events = List.copyOf(events);
    }
}
