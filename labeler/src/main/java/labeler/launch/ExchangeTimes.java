package labeler.launch;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The time that a launcher gets to take its descriptors. A launcher takes them in milliseconds. A user who has several
 * that are slow gets less for the next, so that those of other users wait for no more than that.
 */
public final class ExchangeTimes {
    /** For a launcher that gets little of a busy processor. */
    static final Duration USUAL = Duration.ofSeconds(20);

    static final Duration SHORT = Duration.ofSeconds(3);

    /** Half of those that the service serves at once. */
    static final int AT_ONCE = 4;

    private final ConcurrentMap<Integer, Integer> underWay = new ConcurrentHashMap<>();

    /** For the next launcher of this user; {@link #end} follows. */
    public Duration begin(int uid) {
        return underWay.merge(uid, 1, Integer::sum) > AT_ONCE ? SHORT : USUAL;
    }

    public void end(int uid) {
        underWay.computeIfPresent(uid, (_, count) -> count > 1 ? count - 1 : null);
    }
}
