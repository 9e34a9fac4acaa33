package labeler.selinux;

import java.util.Optional;

/**
 * A VM's level: a sensitivity and a category pair, {@code s0:c12,c345}.
 *
 * @param sensitivity 0 under MCS policies; up to 15 under MLS
 */
public record Level(int sensitivity, CategoryPair pair) {
    private static final int MAXIMUM_SENSITIVITY = 15;

    public Level {
        if (sensitivity < 0 || sensitivity > MAXIMUM_SENSITIVITY) {
            throw new IllegalArgumentException("not a sensitivity: s" + sensitivity);
        }
    }

    /**
     * Reads {@code s0:c12,c345}, the pair in either order; empty for anything else: ranges, single categories, three of
     * them, and two equal ones, which would be one.
     */
    public static Optional<Level> parse(String text) {
        int colon = text.indexOf(':');
        int comma = text.indexOf(',');
        if (colon < 2 || comma < colon || text.charAt(0) != 's') {
            return Optional.empty();
        }
        Optional<Category> sensitivity = Category.parse("c" + text.substring(1, colon));
        Optional<Category> one = Category.parse(text.substring(colon + 1, comma));
        Optional<Category> other = Category.parse(text.substring(comma + 1));
        if (sensitivity.isEmpty() || one.isEmpty() || other.isEmpty() || one.equals(other)) {
            return Optional.empty();
        }
        int number = sensitivity.get().number();
        return number > MAXIMUM_SENSITIVITY
                ? Optional.empty()
                : Optional.of(new Level(
                        number, CategoryPair.of(one.get().number(), other.get().number())));
    }

    @Override
    public String toString() {
        return "s" + sensitivity + ":" + pair;
    }
}
