package labeler.cluster;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import labeler.registry.Refusal;

/** How many starts there were on all hosts of a test, and what was in their way. */
final class StartTally {
    private final LongAdder started = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder drawnAgain = new LongAdder();
    private final Map<String, LongAdder> refusals = new ConcurrentHashMap<>();

    /** A VM has its pair and its files. */
    void started() {
        started.increment();
    }

    void ended() {
        ended.increment();
    }

    /** A start drew so many pairs that were free on its host, and that another host had. */
    void drawnAgain(int pairs) {
        drawnAgain.add(pairs);
    }

    void refused(Refusal refusal) {
        refusals.computeIfAbsent(refusal.getClass().getSimpleName(), _ -> new LongAdder())
                .increment();
    }

    long starts() {
        return started.sum();
    }

    long ends() {
        return ended.sum();
    }

    long drawnAgain() {
        return drawnAgain.sum();
    }

    /** How often each kind of refusal came. */
    Map<String, Long> refusals() {
        Map<String, Long> all = new TreeMap<>();
        refusals.forEach((kind, count) -> all.put(kind, count.sum()));
        return all;
    }
}
