package labeler.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void the_speed_is_that_of_the_last_seconds() {
        Pace pace = new Pace();
        assertThat(pace.report(0, 0)).isZero();
        assertThat(pace.report(2 * SECOND, 200)).isEqualTo(100);
        for (int second = 3; second < 60; second++) {
            pace.report(second * SECOND, 200);
        }
        assertThat(pace.report(60 * SECOND, 200)).as("it has stood still").isZero();
        assertThat(pace.report(61 * SECOND, 100)).as("a job that begins again").isZero();
    }

    @Test
    void the_rest_is_known_with_a_speed_only() {
        assertThat(new Progress("j", 25, 100, 0).rest()).isEmpty();
        assertThat(new Progress("j", 25, 100, 25).rest()).contains(Duration.ofSeconds(3));
        assertThat(new Progress("j", 110, 100, 25).rest()).isEmpty();
        assertThat(new Progress("j", 25, 0, 25).percent()).isZero();
        assertThat(new Progress("j", 999, 1000, 25).percent()).isEqualTo(99);
        assertThat(new Progress("j", 110, 100, 25).percent()).isEqualTo(100);
    }
}
