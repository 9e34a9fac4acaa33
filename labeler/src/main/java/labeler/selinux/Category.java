package labeler.selinux;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An MCS category, {@code c0} to {@code c1023} in every common policy.
 *
 * @param number 0 to {@link #MAXIMUM}
 */
public record Category(int number) implements Comparable<Category> {
    /** The policies of Debian and Fedora are built with 1024 categories (MCS_CATS). */
    public static final int MAXIMUM = 1023;

    private static final Pattern TEXT = Pattern.compile("c(0|[1-9][0-9]{0,3})");

    public Category {
        if (number < 0 || number > MAXIMUM) {
            throw new IllegalArgumentException("not a category: c" + number);
        }
    }

    /** Reads {@code c12}; empty for anything else, leading zeros included. */
    public static Optional<Category> parse(String text) {
        Matcher category = TEXT.matcher(text);
        return category.matches()
                ? Optional.of(Integer.parseInt(category.group(1)))
                        .filter(number -> number <= MAXIMUM)
                        .map(Category::new)
                : Optional.empty();
    }

    @Override
    public int compareTo(Category other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "c" + number;
    }
}
