package labeler.denial;

import java.time.Duration;
import java.time.Instant;

/** So many at once, and one more after each period. For one thread. */
final class Bucket {
    private final long most;
    private final Duration period;
    private long left;
    private Instant filled;

    Bucket(long most, Duration period, Instant now) {
        this.most = most;
        this.period = period;
        this.left = most;
        this.filled = now;
    }

    /** Takes one, if there is one. */
    boolean take(Instant now) {
        boolean isThere = hasOne(now);
        left -= isThere ? 1 : 0;
        return isThere;
    }

    boolean hasOne(Instant now) {
        fill(now);
        return left > 0;
    }

    /** Whether it is as if nobody had ever taken one. */
    boolean isWhole(Instant now) {
        fill(now);
        return left == most;
    }

    /** When there is one again. */
    Instant next(Instant now) {
        return hasOne(now) ? now : filled.plus(period);
    }

    /** A clock that was set back begins a period anew. */
    private void fill(Instant now) {
        long periods = now.isBefore(filled) ? 0 : Duration.between(filled, now).dividedBy(period);
        if (now.isBefore(filled) || left + periods >= most) {
            left = Math.min(most, left + periods);
            filled = now;
        } else {
            left += periods;
            filled = filled.plus(period.multipliedBy(periods));
        }
    }
}
