package labeler.http;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How much memory requests may take together; the first to ask is the first to get. */
final class MemoryBudget {
    private final Semaphore bytes;

    MemoryBudget(int bytes) {
        this.bytes = new Semaphore(bytes, true);
    }

    /** Memory that is taken until this is closed. */
    interface Share extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits for so much to be free; empty if it is not within this time. */
    Optional<Share> take(int wanted, Duration patience) {
        try {
            return bytes.tryAcquire(wanted, patience.toMillis(), TimeUnit.MILLISECONDS)
                    ? Optional.of(() -> bytes.release(wanted))
                    : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
