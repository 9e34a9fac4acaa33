package labeler.guard.record;

import java.time.Instant;
import labeler.json.Inlined;

/**
 * An entry in the log.
 *
 * @param number one more than that of the line before
 * @param time in UTC, to the millisecond
 */
public record AuditLine(long number, Instant time, @Inlined AuditEntry entry) {}
