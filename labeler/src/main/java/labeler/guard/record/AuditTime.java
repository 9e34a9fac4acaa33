package labeler.guard.record;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Times in the log: {@code 2026-11-27T07:44:55.123Z}, always of this length, so that lines sort as text. */
public final class AuditTime {
    private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private AuditTime() {}

    /** The time to the millisecond. */
    public static String text(Instant time) {
        return TEXT.format(time);
    }

    /** Any time of ISO 8601 with a zone; empty if it is none. */
    public static Optional<Instant> parse(String text) {
        try {
            return Optional.of(DateTimeFormatter.ISO_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
