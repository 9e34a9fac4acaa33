package labeler.disk;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a job is.
 *
 * @param done bytes
 * @param total bytes; it may grow while the guest writes
 * @param speed bytes a second, over the last seconds; 0 if not known yet
 */
public record Progress(String job, long done, long total, long speed) {
    private static final int WHOLE = 100;

    /** From 0 to 100. 100 only when all is done. */
    public int percent() {
        return total <= 0 ? 0 : (int) Math.min(WHOLE, (double) done * WHOLE / total);
    }

    /** The time to the end at this speed; empty if it is not known. */
    public Optional<Duration> rest() {
        return speed <= 0 || done > total ? Optional.empty() : Optional.of(Duration.ofSeconds((total - done) / speed));
    }
}
