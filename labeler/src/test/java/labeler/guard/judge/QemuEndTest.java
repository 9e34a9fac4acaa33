package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import labeler.config.GuardConfig;
import labeler.guard.QmpClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command that reaches a qemu which ends can crash it: the guard sends none then. */
@Timeout(120)
class QemuEndTest {
    private static final String QUIT = "{'execute':'quit'}";
    private static final String JOB_IS_OVER = "{\"id\": \"backup\", \"status\": \"concluded\"}";

    @AutoClose
    private final LyingBed bed;

    private final LyingQemu qemu;
    private final QmpClient client;

    QemuEndTest(@TempDir Path root) throws IOException {
        bed = new LyingBed(root, GuardConfig.DEFAULT, Duration.ofMillis(500));
        qemu = bed.liar();
        client = bed.begun();
    }

    /** The guard has no answer to its look after a job's end, so it says that qemu does not tell. */
    private void assertNothingIsAsked() throws Exception {
        List<String> before = qemu.asked();
        qemu.event("JOB_STATUS_CHANGE", JOB_IS_OVER);
        eventually("a look has no answer", () -> !bed.drift().isEmpty());
        assertThat(qemu.asked()).isEqualTo(before);
    }

    @Test
    void after_quit_it_is_asked_nothing() throws Exception {
        client.done(QUIT);
        assertNothingIsAsked();
    }

    @Test
    void one_that_goes_on_is_asked_after_a_while() throws Exception {
        client.done(QUIT);
        client.done(LyingBed.removal());
    }

    @Test
    void one_that_shuts_down_is_asked_nothing_until_it_stops_instead() throws Exception {
        qemu.event("SHUTDOWN", "{\"guest\": true, \"reason\": \"guest-shutdown\"}");
        assertNothingIsAsked();
        int before = qemu.asked().size();
        qemu.event("STOP", "{}");
        eventually("it is looked at", () -> qemu.asked().size() > before);
        client.done(LyingBed.removal());
    }
}
