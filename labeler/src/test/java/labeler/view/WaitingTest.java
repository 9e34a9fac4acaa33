package labeler.view;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WaitingTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Terminal terminal(boolean isWatched) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Terminal(stream, stream, Colours.NONE, isWatched);
    }

    @Test
    void a_person_who_waits_sees_that_and_nothing_of_it_stays() {
        try (Waiting _ = Waiting.began(terminal(true), "waiting")) {
            eventually(() -> err.toString(StandardCharsets.UTF_8).contains("waiting  [####"));
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("\r\033[K");
    }

    @Test
    void where_nobody_watches_nothing_is_shown() {
        Waiting.began(terminal(false), "waiting").close();
        assertThat(err.size()).isZero();
    }

    @Test
    void the_bar_is_always_as_wide_and_goes_to_and_fro() {
        assertThat(IntStream.range(0, 100).mapToObj(Waiting::bar))
                .allSatisfy(bar -> assertThat(bar).hasSize(22).contains("####"));
        assertThat(Waiting.bar(16)).isEqualTo("[" + "-".repeat(16) + "####]");
        assertThat(Waiting.bar(32)).isEqualTo(Waiting.bar(0));
    }
}
