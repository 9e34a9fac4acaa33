package labeler.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManualWriterTest {
    @Test
    void each_command_and_each_of_its_words_has_a_page_and_is_completed(@TempDir Path directory) throws IOException {
        ManualWriter.main(new String[] {directory.toString()});

        assertThat(directory.resolve("man/man1/labeler-status.1")).content().contains("Shows the VMs");
        assertThat(directory.resolve("man/man1/labeler-disk-mirror.1"))
                .content()
                .contains("no\\-pivot", "speed", "130");
        assertThat(directory.resolve("man/man8/labelerd.8")).exists();
        assertThat(directory.resolve("completions/labeler")).content().contains("--no-pivot");
    }
}
