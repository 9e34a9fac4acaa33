package labeler.selinux;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A VM's level: a sensitivity and a category pair, {@code s0:c12,c345}.
 *
 * @param sensitivity 0 under MCS policies; up to 15 under MLS
 */
public record Level(int sensitivity, CategoryPair pair) {
    private static final int MAXIMUM_SENSITIVITY = 15;

    private static final Pattern TEXT = Pattern.compile("s(0|[1-9][0-9]?):(c[0-9]+),(c[0-9]+)");

    /** A static label has a handful of categories, a clearance has hundreds. */
    private static final int MOST_CATEGORIES = 16;

    private static final CategoryPair FIRST = CategoryPair.of(0, 1);

    /** Any pair does that is not the VM's own. */
    private static final CategoryPair LAST = CategoryPair.of(1022, 1023);

    public Level {
        if (sensitivity < 0 || sensitivity > MAXIMUM_SENSITIVITY) {
            throw new IllegalArgumentException("not a sensitivity: s" + sensitivity);
        }
    }

    /**
     * Reads {@code s0:c12,c345}, the pair in either order; empty for anything else: ranges, one or three categories, or
     * two equal ones.
     */
    public static Optional<Level> parse(String text) {
        Matcher level = TEXT.matcher(text);
        if (!level.matches()) {
            return Optional.empty();
        }
        int sensitivity = Integer.parseInt(level.group(1));
        Optional<Category> one = Category.parse(level.group(2));
        Optional<Category> other = Category.parse(level.group(3));
        if (sensitivity > MAXIMUM_SENSITIVITY || one.isEmpty() || other.isEmpty() || one.equals(other)) {
            return Optional.empty();
        }
        CategoryPair pair = CategoryPair.of(one.get().number(), other.get().number());
        return Optional.of(new Level(sensitivity, pair));
    }

    /** The level of another VM than that at this level: to ask what the one may do with the other's files. */
    public static Level ofAnother(String own) {
        boolean isLast = parse(own).filter(level -> level.pair().equals(LAST)).isPresent();
        return new Level(0, isLast ? FIRST : LAST);
    }

    /**
     * Every pair that a process at this level, or at the upper end of this range, could use: any two of its categories.
     * More than {@link #MOST_CATEGORIES} categories are a clearance, as {@code c0.c1023} of an administrator's shell,
     * and give no pairs.
     */
    public static Set<Level> within(String text) {
        return Clearance.parse(text)
                .filter(high -> high.sensitivity() <= MAXIMUM_SENSITIVITY && high.size() <= MOST_CATEGORIES)
                .map(Level::within)
                .orElse(Set.of());
    }

    private static Set<Level> within(Clearance high) {
        Set<Level> levels = new HashSet<>();
        for (int one : high.numbers()) {
            for (int other : high.numbers()) {
                if (one < other) {
                    levels.add(new Level(high.sensitivity(), CategoryPair.of(one, other)));
                }
            }
        }
        return levels;
    }

    @Override
    public String toString() {
        return "s" + sensitivity + ":" + pair;
    }
}
