package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When the guard's loop looks for messages, and when it sleeps. */
final class BusyPollingTest {
    private static final Duration SHORT = BusyPolling.LONGEST.dividedBy(2);

    private final BusyPolling polling = new BusyPolling();

    @Test
    void conversationKeepsTheLoopAwake() {
        waited(SHORT, SHORT, SHORT);
        assertThat(polling.isWorthwhile()).isFalse();
        waited(SHORT);
        assertThat(polling.isWorthwhile()).isTrue();
        waited(SHORT, SHORT);
        assertThat(polling.isWorthwhile()).isTrue();
    }

    @Test
    void oneLongWaitEndsIt() {
        waited(SHORT, SHORT, SHORT, SHORT, SHORT, BusyPolling.LONGEST);
        assertThat(polling.isWorthwhile()).isFalse();
        waited(SHORT, SHORT, SHORT);
        assertThat(polling.isWorthwhile()).isFalse();
    }

    @Test
    void managerThatAsksNowAndThenCostsNoPolling() {
        for (int question = 0; question < 100; question++) {
            waited(Duration.ofSeconds(1));
            assertThat(polling.isWorthwhile()).isFalse();
            waited(SHORT);
            assertThat(polling.isWorthwhile()).isFalse();
        }
    }

    private void waited(Duration... times) {
        for (Duration time : times) {
            polling.waited(time);
        }
    }
}
