package labeler.openfiles;

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
    record NotCompared(String why, Look.Cause cause) implements Comparison {}

    default boolean hasDrift() {
        return this instanceof Compared(List<Drift> drift) && !drift.isEmpty();
    }

    /** Whether a process that runs could not be looked at. */
    default boolean hasFailed() {
        return this instanceof NotCompared(String _, Look.Cause cause) && cause == Look.Cause.FAILED;
    }

    /**
     * The drift that both show. A disk that joins or leaves between two answers is no drift. A process that runs takes
     * nothing back by being unseen the second time, or by giving a file another descriptor.
     */
    default Comparison confirmedBy(Comparison later) {
        if (!(this instanceof Compared(List<Drift> drift))) {
            return later;
        }
        return switch (later) {
            case Compared(List<Drift> again) ->
                new Compared(again.stream()
                        .filter(one -> drift.stream().anyMatch(one::isSame))
                        .toList());
            case NotCompared(String _, Look.Cause cause) -> cause == Look.Cause.NO_PROCESS ? later : this;
        };
    }
}
