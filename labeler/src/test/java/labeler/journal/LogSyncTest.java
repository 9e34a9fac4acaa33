package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files. A log that is /dev/null takes every write and fails every sync (EINVAL, fsync(2)). */
class LogSyncTest {
    @TempDir
    Path directory;

    private Path log;

    @BeforeEach
    void name_the_log() {
        log = directory.resolve("journal.db-wal");
    }

    private void failing() throws IOException {
        Files.deleteIfExists(log);
        Files.createSymbolicLink(log, Path.of("/dev/null"));
    }

    @Test
    void nothing_is_synced_if_nothing_was_written() throws IOException {
        try (LogSync sync = new LogSync()) {
            sync.sync();
            assertThat(sync.isBroken()).isFalse();
        }
    }

    @Test
    void a_commit_is_synced_and_the_next_one_as_well() throws IOException {
        Files.createFile(log);
        try (LogSync sync = new LogSync()) {
            for (int i = 0; i < 3; i++) {
                sync.written(log);
                sync.sync();
            }
        }
    }

    @Test
    void a_commit_whose_log_cannot_be_opened_is_never_taken_for_synced() throws IOException {
        try (LogSync sync = new LogSync()) {
            assertThatThrownBy(() -> sync.written(log)).isInstanceOf(IOException.class);
            Files.createFile(log);
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
        }
    }

    @Test
    void after_a_failed_sync_nothing_is_taken_for_synced() throws IOException {
        failing();
        try (LogSync sync = new LogSync()) {
            sync.written(log);
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
            assertThat(sync.isBroken()).isTrue();

            // The kernel reports a failed write once, and may have dropped it.
            sync.release(true);
            Files.delete(log);
            Files.createFile(log);
            sync.written(log);
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_log_that_was_copied_into_the_database_is_on_disk() throws IOException {
        failing();
        try (LogSync sync = new LogSync()) {
            sync.written(log);
            sync.release(true);
            sync.sync();
            assertThat(sync.isBroken()).isFalse();
        }
    }

    /** The next connection has the same file. */
    @Test
    void a_log_that_was_left_is_synced_all_the_same() throws IOException {
        failing();
        try (LogSync sync = new LogSync()) {
            sync.written(log);
            sync.release(false);
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
        }
    }

    /** The first connection's log was removed with it: a sync of that file would do nothing. */
    @Test
    void the_log_of_the_next_connection_is_another_file() throws IOException {
        Files.createFile(log);
        try (LogSync sync = new LogSync()) {
            sync.written(log);
            sync.sync();
            sync.release(true);
            failing();
            sync.written(log);
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
        }
    }

    @Test
    void threads_that_come_at_once_all_have_their_answer() throws Exception {
        Files.createFile(log);
        try (LogSync sync = new LogSync()) {
            assertThat(atOnce(1000, () -> isSynced(sync))).doesNotContain(false);
        }
    }

    @Test
    void threads_that_come_at_once_all_hear_of_a_failure() throws Exception {
        failing();
        try (LogSync sync = new LogSync()) {
            assertThat(atOnce(200, () -> isSynced(sync))).doesNotContain(true);
        }
    }

    private boolean isSynced(LogSync sync) {
        try {
            sync.written(log);
            sync.sync();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Boolean> atOnce(int count, Callable<Boolean> action) throws Exception {
        List<Boolean> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(action));
            }
            for (Future<Boolean> one : all) {
                results.add(one.get());
            }
        }
        return results;
    }
}
