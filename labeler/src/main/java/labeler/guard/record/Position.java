package labeler.guard.record;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the log, between two lines. To clients it is a text without meaning.
 *
 * @param file the number of the first line of a file
 * @param offset in this file, in bytes
 */
public record Position(long file, long offset) implements Comparable<Position> {
    /** Before all lines. */
    public static final Position BEGIN = new Position(0, 0);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})\\.(\\d{1,18})");

    private static final Comparator<Position> ORDER =
            Comparator.comparingLong(Position::file).thenComparingLong(Position::offset);

    /** The position with this text; empty if there is none. */
    public static Optional<Position> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new Position(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return file + "." + offset;
    }
}
