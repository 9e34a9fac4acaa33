package labeler.journal;

import static labeler.journal.Records.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service has ended, and some of its work has not. */
class ClosedJournalTest {
    @TempDir
    Path directory;

    /** Work that a file system has held up comes after the service's end, and the file is the next service's. */
    @Test
    void after_its_end_nobody_writes_or_reads_it() throws IOException {
        SqliteJournal ended = SqliteJournal.open(directory);
        ended.close();
        Files.delete(directory.resolve("journal.db"));

        assertThatThrownBy(() -> ended.recordStart(vm("web"), List.of()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("service has ended");
        assertThatThrownBy(ended::load).isInstanceOf(JournalException.class);
        assertThat(directory.resolve("journal.db")).doesNotExist();
    }
}
