package labeler.lifecycle.plan;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import labeler.mcs.CategoryRange;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;

/** How a VM comes to its level, before other hosts are asked. */
public sealed interface LevelWish {
    /** Somebody has chosen it: the request, the definition, or whoever started the process. */
    record Given(Level level) implements LevelWish {}

    /**
     * Any.
     *
     * @param range the pairs that VMs may have on this host
     * @param isFree whether a pair is of the range, and free on this host
     * @param draws such a pair; empty if there is none
     * @param at the level with a pair
     */
    record Drawn(
            CategoryRange range,
            Predicate<CategoryPair> isFree,
            Supplier<Optional<CategoryPair>> draws,
            Function<CategoryPair, Level> at)
            implements LevelWish {}
}
