package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When the guard's loop looks for messages, and when it sleeps. */
final class BusyPollingTest {
    private static final Duration SHORT = BusyPolling.LONGEST.dividedBy(2);

    private final BusyPolling polling = new BusyPolling();

    @Test
    void a_conversation_keeps_the_loop_awake() {
        waited(SHORT, SHORT, SHORT);
        assertThat(polling.isWorthwhile()).isFalse();
        waited(SHORT);
        assertThat(polling.isWorthwhile()).isTrue();
        waited(SHORT, SHORT);
        assertThat(polling.isWorthwhile()).isTrue();
    }

    @Test
    void one_long_wait_ends_it() {
        waited(SHORT, SHORT, SHORT, SHORT, SHORT, BusyPolling.LONGEST);
        assertThat(polling.isWorthwhile()).isFalse();
        waited(SHORT, SHORT, SHORT);
        assertThat(polling.isWorthwhile()).isFalse();
    }

    @Test
    void a_manager_that_asks_now_and_then_costs_no_polling() {
        for (int question = 0; question < 100; question++) {
            waited(Duration.ofSeconds(1));
            assertThat(polling.isWorthwhile()).isFalse();
            waited(SHORT);
            assertThat(polling.isWorthwhile()).isFalse();
        }
    }

    @Test
    void the_questions_of_a_new_domain_are_one_conversation() {
        waited(SHORT, SHORT, SHORT, SHORT);
        assertThat(awakeIn(480)).isEqualTo(480);
    }

    @Test
    void who_writes_all_the_time_has_a_fifth_of_a_processor_at_most() {
        int waits = 100_000;
        assertThat(awakeIn(waits))
                .isLessThan(waits / BusyPolling.PARTS + (int) BusyPolling.MOST_AT_ONCE.dividedBy(SHORT) + 10)
                .isGreaterThan(waits / BusyPolling.PARTS - 10);
    }

    @Test
    void time_that_was_used_up_comes_back() {
        waited(SHORT, SHORT, SHORT, SHORT);
        assertThat(awakeIn(10_000)).isLessThan(10_000);
        waited(BusyPolling.MOST_AT_ONCE.multipliedBy(BusyPolling.PARTS), SHORT, SHORT, SHORT, SHORT);
        assertThat(awakeIn(480)).isEqualTo(480);
    }

    /** The number of waits, of so many short ones, in which the loop stays awake. */
    private long awakeIn(int waits) {
        return IntStream.range(0, waits)
                .filter(_ -> {
                    boolean isAwake = polling.isWorthwhile();
                    polling.waited(SHORT, isAwake ? SHORT : Duration.ZERO);
                    return isAwake;
                })
                .count();
    }

    private void waited(Duration... times) {
        for (Duration time : times) {
            polling.waited(time, Duration.ZERO);
        }
    }
}
