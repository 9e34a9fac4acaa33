package labeler.selinux;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A level with any number of categories, or the upper end of a range of levels. The policy's constraints let a process
 * open a file if the process's dominates the file's.
 */
public final class Clearance {
    private static final Pattern TEXT = Pattern.compile("s(0|[1-9][0-9]?)(?::(.+))?");

    private final int sensitivity;
    /** Never changed. An administrator's has all thousand, and each start looks at that of each process. */
    private final BitSet categories;

    private final String text;

    private Clearance(int sensitivity, BitSet categories, String text) {
        this.sensitivity = sensitivity;
        this.categories = categories;
        this.text = text;
    }

    /** Reads {@code s0}, {@code s0:c1,c3.c5} or the upper end of {@code s0-s0:c0.c1023}; empty for anything else. */
    public static Optional<Clearance> parse(String level) {
        String high = level.substring(level.indexOf('-') + 1);
        Matcher parts = TEXT.matcher(high);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int sensitivity = Integer.parseInt(parts.group(1));
        BitSet categories = new BitSet();
        List<String> items = Optional.ofNullable(parts.group(2))
                .map(list -> List.of(list.split(",", -1)))
                .orElse(List.of());
        for (String item : items) {
            int dot = item.indexOf('.');
            Optional<Category> first = Category.parse(dot < 0 ? item : item.substring(0, dot));
            Optional<Category> last = Category.parse(item.substring(dot + 1));
            if (first.isEmpty() || last.isEmpty() || first.get().compareTo(last.get()) > 0) {
                return Optional.empty();
            }
            categories.set(first.get().number(), last.get().number() + 1);
        }
        return Optional.of(new Clearance(sensitivity, categories, high));
    }

    /** Whether a process with this one may open what has the other: it has all that the other has. */
    public boolean dominates(Clearance other) {
        BitSet missing = (BitSet) other.categories.clone();
        missing.andNot(categories);
        return sensitivity >= other.sensitivity && missing.isEmpty();
    }

    int sensitivity() {
        return sensitivity;
    }

    /** How many categories it has. Without one every process dominates it. */
    public int size() {
        return categories.cardinality();
    }

    /** Their numbers, the lowest first. */
    int[] numbers() {
        return categories.stream().toArray();
    }

    /** Two are equal if each dominates the other, however they are written. */
    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Clearance its
                        && sensitivity == its.sensitivity
                        && categories.equals(its.categories));
    }

    @Override
    public int hashCode() {
        return 31 * sensitivity + categories.hashCode();
    }

    /** As it is written. */
    @Override
    public String toString() {
        return text;
    }
}
