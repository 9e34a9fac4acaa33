package labeler.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A turn that others have while its asker waits. */
class TurnTest {
    /** Nobody waits so long in a test. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Semaphore turns = new Semaphore(1, true);
    private final Semaphore places = new Semaphore(1);
    private final Turn turn = Turn.take(turns, places);

    /** Somebody else has it, and does not give it back. */
    private void lose() {
        turn.rest();
        turns.acquireUninterruptibly();
        turn.resume(Duration.ofMillis(1));
    }

    /** A request has many waits, and its client no patience for each. */
    @Test
    void who_has_waited_for_it_in_vain_waits_for_it_no_more() throws Exception {
        lose();

        CompletableFuture.runAsync(() -> turn.resume(LONG), Thread::startVirtualThread)
                .get(1, TimeUnit.MINUTES);

        turns.release();
        turn.end();
        assertThat(turns.availablePermits()).isEqualTo(1);
        assertThat(places.availablePermits()).isEqualTo(1);
    }

    @Test
    void it_is_taken_again_if_it_is_free_by_then() {
        lose();
        turns.release();

        turn.resume(LONG);

        assertThat(turns.availablePermits()).isZero();
        assertThat(places.availablePermits()).isEqualTo(1);
        turn.end();
        assertThat(turns.availablePermits()).isEqualTo(1);
    }

    @Test
    void without_a_place_to_rest_it_is_kept() {
        places.acquireUninterruptibly();

        turn.rest();

        assertThat(turns.availablePermits()).isZero();
        turn.resume(LONG);
        turn.end();
        assertThat(turns.availablePermits()).isEqualTo(1);
    }
}
