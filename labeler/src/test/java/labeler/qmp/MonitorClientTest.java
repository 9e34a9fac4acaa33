package labeler.qmp;

import static labeler.qmp.ScriptedQemu.DONE;
import static labeler.qmp.ScriptedQemu.GREETING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.qmp.MonitorClient.Heard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class MonitorClientTest {
    private static final JsonObject NOTHING = Json.object().build();
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String READY = "{\"event\": \"BLOCK_JOB_READY\", \"data\": {\"device\": \"j\"}}\n";
    private static final String OTHER = "{\"event\": \"RTC_CHANGE\", \"data\": {\"offset\": 1}}\n";

    @TempDir
    Path directory;

    private static MonitorClient open(ScriptedQemu qemu) {
        return ((MonitorClient.Open) MonitorClient.open(HostPath.of(qemu.socket()))).monitor();
    }

    @Test
    void events_of_jobs_are_kept_in_order_and_others_are_not() throws IOException {
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, READY + OTHER + DONE + READY);
                MonitorClient monitor = open(qemu)) {
            assertThat(monitor.execute("query-jobs", NOTHING)).isInstanceOf(Answer.Done.class);
            assertThat(monitor.listen(PATIENCE)).isInstanceOf(Heard.Event.class);
            assertThat(monitor.listen(PATIENCE)).isInstanceOf(Heard.Event.class);
            assertThat(monitor.listen(AT_ONCE)).isEqualTo(new Heard.Silence());
        }
    }

    @Test
    void a_line_that_comes_in_pieces_is_whole_however_often_somebody_listens_between() throws IOException {
        String begin = READY.substring(0, 20);
        String rest = READY.substring(20);
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, DONE + begin, rest + DONE);
                MonitorClient monitor = open(qemu)) {
            assertThat(monitor.execute("query-jobs", NOTHING)).isInstanceOf(Answer.Done.class);
            for (int i = 0; i < 3; i++) {
                assertThat(monitor.listen(AT_ONCE)).isEqualTo(new Heard.Silence());
            }
            assertThat(monitor.execute("query-jobs", NOTHING)).isInstanceOf(Answer.Done.class);
            assertThat(monitor.listen(AT_ONCE)).isInstanceOf(Heard.Event.class);
        }
    }

    @Test
    void an_end_is_told_once_the_events_are_heard() throws IOException {
        ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, READY + DONE);
        try (MonitorClient monitor = open(qemu)) {
            assertThat(monitor.execute("query-jobs", NOTHING)).isInstanceOf(Answer.Done.class);
            qemu.close();
            assertThat(monitor.execute("query-jobs", NOTHING)).isInstanceOf(Answer.Broken.class);
            assertThat(monitor.listen(AT_ONCE)).isInstanceOf(Heard.Event.class);
            assertThat(monitor.listen(AT_ONCE)).isInstanceOf(Heard.Ended.class);
        }
    }

    @Test
    void a_socket_that_is_none_says_the_way_out() {
        assertThat(MonitorClient.open(HostPath.of(directory.resolve("none"))))
                .isInstanceOfSatisfying(
                        MonitorClient.NotOpen.class,
                        notOpen -> assertThat(notOpen.message())
                                .contains("there is no " + directory.resolve("none"), "labeler status"));
    }
}
