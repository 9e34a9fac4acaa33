package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host has joined, and its service begins: in one boot, and in the next. */
class JournalMarkTest {
    private static final String BOOT = "boot";
    private static final String NEXT = "next boot";

    private final Path directory;

    JournalMarkTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        Files.writeString(journal(), "VMs");
    }

    private Path journal() {
        return directory.resolve("journal.db");
    }

    private ClusterState state() {
        return ClusterState.below(directory);
    }

    private boolean begin(String bootId) {
        return state().journal().begin(bootId, journal());
    }

    private void isLost() throws IOException {
        Files.move(journal(), directory.resolve("lost"));
        Files.writeString(journal(), "");
    }

    @Test
    void a_journal_that_was_there_before_the_host_claimed_anything_is_whole() throws IOException {
        state().identify();
        assertThat(begin(BOOT)).isTrue();
        Files.writeString(journal(), "more");
        assertThat(begin(BOOT)).isTrue();
        assertThat(begin(NEXT)).isTrue();
    }

    @Test
    void one_that_was_lost_is_not_whole_until_the_next_boot() throws IOException {
        state().identify();
        assertThat(begin(BOOT)).isTrue();
        isLost();
        assertThat(begin(BOOT)).isFalse();
        assertThat(begin(BOOT)).isFalse();
        assertThat(begin(NEXT)).isTrue();
    }

    @Test
    void after_an_update_it_is_not_known_until_the_next_boot() {
        assertThat(begin(BOOT)).isFalse();
        assertThat(begin(BOOT)).isFalse();
        assertThat(begin(NEXT)).isTrue();
        assertThat(begin(NEXT)).isTrue();
    }
}
