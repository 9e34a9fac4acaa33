package labeler.descriptors;

import java.util.ArrayList;
import java.util.List;

/** What came of comparing a process's descriptors with the service's account. */
public sealed interface Comparison {
    /** Nothing else is wrong with them. */
    record Compared(List<Drift> drift) implements Comparison {
        public Compared {
            drift = List.copyOf(drift);
        }
    }

    /**
     * Nothing is claimed.
     *
     * @param why in a few words
     */
    record NotCompared(String why) implements Comparison {}

    /** Whether another look is worth while. */
    default boolean hasDrift() {
        return this instanceof Compared(List<Drift> drift) && !drift.isEmpty();
    }

    /** What both say: a disk that joins or leaves between two answers is no drift. */
    default Comparison confirmedBy(Comparison later) {
        if (this instanceof Compared(List<Drift> drift) && later instanceof Compared(List<Drift> again)) {
            List<Drift> both = new ArrayList<>(drift);
            both.retainAll(again);
            return new Compared(both);
        }
        return later;
    }
}
