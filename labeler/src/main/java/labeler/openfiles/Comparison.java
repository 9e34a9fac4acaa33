package labeler.openfiles;

import java.util.ArrayList;
import java.util.List;

/** The result of comparing a process's descriptors with the service's account. */
public sealed interface Comparison {
    /** The comparison was made. These are all differences. */
    record Compared(List<Drift> drift) implements Comparison {
        public Compared {
            drift = List.copyOf(drift);
        }
    }

    /**
     * The comparison was not made.
     *
     * @param why in a few words
     */
    record NotCompared(String why) implements Comparison {}

    /** Whether a second look is useful. */
    default boolean hasDrift() {
        return this instanceof Compared(List<Drift> drift) && !drift.isEmpty();
    }

    /** The drift that both show. A disk that joins or leaves between two answers is no drift. */
    default Comparison confirmedBy(Comparison later) {
        if (this instanceof Compared(List<Drift> drift) && later instanceof Compared(List<Drift> again)) {
            List<Drift> both = new ArrayList<>(drift);
            both.retainAll(again);
            return new Compared(both);
        }
        return later;
    }
}
