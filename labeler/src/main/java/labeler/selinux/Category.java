package labeler.selinux;

import java.util.Optional;

/**
 * An MCS category, {@code c0} to {@code c1023} in every common policy.
 *
 * @param number 0 to {@link #MAXIMUM}
 */
public record Category(int number) implements Comparable<Category> {
    /** The policies of Debian and Fedora are built with 1024 categories (MCS_CATS). */
    public static final int MAXIMUM = 1023;

    public Category {
        if (number < 0 || number > MAXIMUM) {
            throw new IllegalArgumentException("not a category: c" + number);
        }
    }

    /** Reads {@code c12}; empty for anything else, leading zeros included. */
    public static Optional<Category> parse(String text) {
        if (text.length() < 2 || text.length() > 5 || text.charAt(0) != 'c') {
            return Optional.empty();
        }
        int number = 0;
        for (int i = 1; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return Optional.empty();
            }
            number = number * 10 + digit - '0';
        }
        if (number > MAXIMUM || (text.charAt(1) == '0' && text.length() > 2)) {
            return Optional.empty();
        }
        return Optional.of(new Category(number));
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
