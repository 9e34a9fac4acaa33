package labeler.cli.option;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time that has passed: {@code 10m}, {@code 2h}, {@code 3d} ago, or a time of ISO 8601. */
public final class PastTime {
    private static final Pattern AGO = Pattern.compile("(\\d{1,9})([smhd])");

    /** A date, perhaps a time, perhaps a zone. */
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalStart()
            .appendOffsetId()
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private PastTime() {}

    /**
     * The time that this text means; empty if it means none.
     *
     * @param zone of a time without one
     */
    static Optional<Instant> read(String text, Instant now, ZoneId zone) {
        try {
            Matcher ago = AGO.matcher(text);
            // Nothing was ever logged before; such a time is a mistake, and other programs cannot write it.
            return Optional.of(ago.matches() ? now.minus(duration(ago)) : time(text, zone))
                    .filter(time -> !time.isBefore(Instant.EPOCH));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Duration duration(Matcher ago) {
        ChronoUnit unit = switch (ago.group(2)) {
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            default -> ChronoUnit.DAYS;
        };
        return Duration.of(Long.parseLong(ago.group(1)), unit);
    }

    private static Instant time(String text, ZoneId zone) {
        TemporalAccessor time = ISO.parseBest(text, Instant::from, LocalDateTime::from, LocalDate::from);
        return switch (time) {
            case Instant instant -> instant;
            case LocalDateTime local -> local.atZone(zone).toInstant();
            case LocalDate date -> date.atStartOfDay(zone).toInstant();
            default -> throw new DateTimeException("no time");
        };
    }
}
