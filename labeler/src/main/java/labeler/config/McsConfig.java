package labeler.config;

import java.util.Optional;
import labeler.selinux.Category;

/**
 * The categories from which VMs get their pairs.
 *
 * @param low the first of them
 * @param high the last of them, above {@code low}
 */
public record McsConfig(Category low, Category high) {
    /** All categories of the common policies, as libvirt takes them. */
    public static final McsConfig DEFAULT = new McsConfig(new Category(0), new Category(Category.MAXIMUM));

    public McsConfig {
        if (low.number() >= high.number()) {
            throw new IllegalArgumentException("a range of categories needs two at least: " + low + "." + high);
        }
    }

    /** Reads {@code c0.c1023}; empty for anything else. */
    public static Optional<McsConfig> parse(String range) {
        int dot = range.indexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        Optional<Category> low = Category.parse(range.substring(0, dot));
        Optional<Category> high = Category.parse(range.substring(dot + 1));
        if (low.isEmpty() || high.isEmpty() || low.get().compareTo(high.get()) >= 0) {
            return Optional.empty();
        }
        return Optional.of(new McsConfig(low.get(), high.get()));
    }
}
