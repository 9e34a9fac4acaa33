package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.disk.Drive;
import labeler.disk.Layer;
import labeler.disk.Outcome;
import labeler.disk.Progress;
import org.junit.jupiter.api.Test;

class DiskTextTest {
    private static final Progress HALF = new Progress("disk-mirror-1", 50 << 20, 100 << 20, 10 << 20);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private DiskText text(boolean isWatched, boolean isJson) {
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Colours.NONE,
                isWatched);
        return new DiskText(terminal, "web1", "vd\033[0", "mirror", isJson);
    }

    @Test
    void a_person_sees_a_bar_with_speed_and_rest_in_one_line() {
        text(true, false).progress(HALF, false);

        String line = err.toString(StandardCharsets.UTF_8);
        assertThat(line).isEqualTo("\r\033[Kmirror vd\\x1b[0  [##########----------]  50 %   10.0 MiB/s  0:05 left");
        text(true, false).progress(HALF, true);
        assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("MiB/s  cancelling");
    }

    @Test
    void a_log_is_not_buried_in_progress() {
        text(false, false).progress(HALF, false);

        assertThat(err.size()).isZero();
    }

    @Test
    void the_result_is_one_object_on_one_line() {
        Drive drive = new Drive(
                Optional.empty(),
                Optional.of("d0"),
                Optional.of("n"),
                List.of(new Layer("/vm/a", "raw", Optional.empty())));
        text(false, true)
                .result(new Outcome(Outcome.Kind.DONE, "copied", Optional.of("j"), Optional.of(drive), List.of("old")));

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringCase(
                        "{\"type\":\"result\",\"vm\":\"web1\",\"disk\":\"vd\\u001b[0\",\"operation\":\"mirror\","
                                + "\"outcome\":\"done\",\"message\":\"copied\",\"job\":\"j\",\"node\":\"n\",\"chain\":"
                                + "[{\"file\":\"/vm/a\",\"format\":\"raw\",\"node\":null}],\"unused\":[\"old\"]}\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("old").contains("blockdev-del");
    }

    private static Outcome failure(Outcome.Kind kind, String message) {
        return new Outcome(kind, message, Optional.empty(), Optional.empty(), List.of());
    }

    @Test
    void a_refusal_has_the_programs_name_once() {
        text(false, false).result(failure(Outcome.Kind.REFUSED, "labeler S2: /vm/a is read; stop that VM"));
        text(false, false).result(failure(Outcome.Kind.FAILED, "labeler has no words for it"));

        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("labeler S2: /vm/a is read; stop that VM", "labeler: labeler has no words for it");
    }

    @Test
    void times_and_sizes_are_short() {
        assertThat(DiskText.clock(Duration.ofSeconds(7))).isEqualTo("0:07");
        assertThat(DiskText.clock(Duration.ofSeconds(3 * 3600 + 61))).isEqualTo("3:01:01");
        assertThat(DiskText.size(100)).isEqualTo("0.1 KiB");
        assertThat(DiskText.size(3L << 40)).isEqualTo("3.0 TiB");
        assertThat(DiskText.shortened("vd0")).isEqualTo("vd0");
        assertThat(DiskText.shortened("/machine/peripheral/vd0/virtio-backend")).isEqualTo("...rtio-backend");
        assertThat(DiskText.bar(0) + DiskText.bar(100)).isEqualTo("[" + "-".repeat(20) + "][" + "#".repeat(20) + "]");
    }
}
