package labeler.mcs;

import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import labeler.selinux.CategoryPair;

/** The pairs of a range that nobody has. One is drawn at random, so that one just given back is not the next. */
public final class FreePairs {
    /** Less than half of the pairs are taken in practice. Then this many misses in a row do not happen. */
    private static final int DRAWS = 64;

    private final CategoryRange range;
    private final RandomGenerator random;

    public FreePairs(CategoryRange range, RandomGenerator random) {
        this.range = range;
        this.random = random;
    }

    /** The range from which pairs are drawn. */
    public CategoryRange range() {
        return range;
    }

    /** A pair of the range that is not reserved; empty if all are reserved. */
    public Optional<CategoryPair> draw(Predicate<CategoryPair> isReserved) {
        for (int draw = 0; draw < DRAWS; draw++) {
            CategoryPair pair = pair(random.nextInt(range.pairs()));
            if (!isReserved.test(pair)) {
                return Optional.of(pair);
            }
        }
        int start = random.nextInt(range.pairs());
        for (int step = 0; step < range.pairs(); step++) {
            CategoryPair pair = pair((start + step) % range.pairs());
            if (!isReserved.test(pair)) {
                return Optional.of(pair);
            }
        }
        return Optional.empty();
    }

    /** The pair of this number: all pairs with the higher category 1, then those with 2, and so on. */
    private CategoryPair pair(int number) {
        int high = (int) ((1 + Math.sqrt(1 + 8.0 * number)) / 2);
        // The square root may be off by one at the edges.
        while (high * (high - 1) / 2 > number) {
            high--;
        }
        while ((high + 1) * high / 2 <= number) {
            high++;
        }
        int low = number - high * (high - 1) / 2;
        int base = range.low().number();
        return CategoryPair.of(base + low, base + high);
    }
}
