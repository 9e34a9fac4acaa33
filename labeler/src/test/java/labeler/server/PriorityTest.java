package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriorityTest {
    @Test
    void journald_gets_numbers_and_people_get_words() {
        assertThat(Priority.text(Level.WARN, true)).isEqualTo("<4>");
        assertThat(Priority.text(Level.INFO, true)).isEqualTo("<6>");
        assertThat(Priority.text(Level.WARN, false)).isEqualTo("warning: ");
        assertThat(Priority.text(Level.INFO, false)).isEmpty();
    }

    @Test
    void only_the_very_stream_that_systemd_names_is_the_journals(@TempDir Path directory) throws IOException {
        Path stream = Files.createFile(directory.resolve("stream"));
        Path other = Files.createFile(directory.resolve("other"));
        Map<String, String> environment = Map.of(
                "JOURNAL_STREAM",
                Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino"));

        assertThat(Priority.isJournal(environment, stream)).isTrue();
        assertThat(Priority.isJournal(environment, other)).isFalse();
        assertThat(Priority.isJournal(Map.of(), stream)).isFalse();
        assertThat(Priority.isJournal(Map.of("JOURNAL_STREAM", "nonsense"), directory.resolve("none")))
                .isFalse();
    }
}
