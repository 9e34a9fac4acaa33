package labeler.mcs;

import java.util.Optional;
import labeler.selinux.Category;

/** The categories that VMs are given pairs of, both ends included. */
public record CategoryRange(Category low, Category high) {
    /** All of them: 523,776 pairs. */
    public static final CategoryRange DEFAULT = new CategoryRange(new Category(0), new Category(Category.MAXIMUM));

    public CategoryRange {
        if (low.number() >= high.number()) {
            throw new IllegalArgumentException("a range of less than two categories: " + low + "." + high);
        }
    }

    /** Reads {@code c0.c1023}; empty for anything else, a range of one category included. */
    public static Optional<CategoryRange> parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        Optional<Category> low = Category.parse(text.substring(0, dot));
        Optional<Category> high = Category.parse(text.substring(dot + 1));
        if (low.isEmpty() || high.isEmpty() || low.get().number() >= high.get().number()) {
            return Optional.empty();
        }
        return Optional.of(new CategoryRange(low.get(), high.get()));
    }

    int size() {
        return high.number() - low.number() + 1;
    }

    /** How many pairs there are: n × (n − 1) / 2. */
    public int pairs() {
        return size() * (size() - 1) / 2;
    }

    @Override
    public String toString() {
        return low + "." + high;
    }
}
