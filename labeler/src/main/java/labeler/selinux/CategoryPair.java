package labeler.selinux;

/**
 * Two different categories, the lower first. They separate one VM from all others. A single category is not enough,
 * since it is a subset of other VMs' pairs (CVE-2021-3631).
 */
public record CategoryPair(Category low, Category high) {
    public CategoryPair {
        if (low.number() >= high.number()) {
            throw new IllegalArgumentException("not a pair: " + low + "," + high);
        }
    }

    /** The pair of two different categories, in any order. */
    public static CategoryPair of(int one, int other) {
        return new CategoryPair(new Category(Math.min(one, other)), new Category(Math.max(one, other)));
    }

    @Override
    public String toString() {
        return low + "," + high;
    }
}
