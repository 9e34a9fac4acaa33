package labeler.mcs;

import java.util.Optional;
import labeler.selinux.Category;
import labeler.selinux.CategoryPair;

/** The categories of the VMs' pairs, both ends included. */
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
        String[] ends = text.split("\\.", 2);
        return ends.length < 2
                ? Optional.empty()
                : Category.parse(ends[0])
                        .flatMap(low -> Category.parse(ends[1])
                                .filter(high -> low.number() < high.number())
                                .map(high -> new CategoryRange(low, high)));
    }

    /** Whether both of its categories are of the range. */
    public boolean contains(CategoryPair pair) {
        return pair.low().number() >= low.number() && pair.high().number() <= high.number();
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
