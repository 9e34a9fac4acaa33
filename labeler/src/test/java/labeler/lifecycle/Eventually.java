package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a state that the service's threads bring about. */
final class Eventually {
    /** Between two looks: the threads that are waited for need the processor. */
    private static final Duration PAUSE = Duration.ofMillis(1);

    private Eventually() {}

    static void eventually(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not so after a minute").isLessThan(end);
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
