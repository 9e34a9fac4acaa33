package labeler.registry;

import java.util.Optional;
import java.util.function.Supplier;
import labeler.selinux.CategoryPair;

/** How a VM comes to its category pair. */
public sealed interface PairChoice {
    /** So many draws miss only if nearly every pair is taken. */
    int MOST_DRAWS = 1000;

    /**
     * A new pair.
     *
     * @param draws draws one that is free on this host; empty if none is. Asked again if the cluster has it already
     */
    record Drawn(Supplier<Optional<CategoryPair>> draws) implements PairChoice {}

    /** This pair, of a static label. */
    record Given(CategoryPair pair) implements PairChoice {}

    /** The pair that the VM has: more files join it. */
    record Kept() implements PairChoice {}

    /** The pair of the same VM on another host, from which it moves here. */
    record Moving() implements PairChoice {}
}
