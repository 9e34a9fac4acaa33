package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real files; a log that is not there fails to sync. */
class LogSyncTest {
    @TempDir
    Path directory;

    private Path log;

    @BeforeEach
    void name_the_log() {
        log = directory.resolve("journal.db-wal");
    }

    @Test
    void nothing_is_synced_if_nothing_was_written() throws IOException {
        try (LogSync sync = new LogSync(log)) {
            sync.sync();
        }
        assertThat(log).doesNotExist();
    }

    @Test
    void a_commit_is_synced_once() throws IOException {
        Files.createFile(log);
        try (LogSync sync = new LogSync(log)) {
            sync.written();
            sync.sync();
            sync.release();
            Files.delete(log);
            // The log is needed no more.
            sync.sync();
            sync.written();
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_commit_whose_sync_failed_is_never_taken_for_synced() throws IOException {
        try (LogSync sync = new LogSync(log)) {
            sync.written();
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
            Files.createFile(log);
            // The kernel reports a failed write once, and may have dropped it.
            assertThatThrownBy(sync::sync).isInstanceOf(IOException.class);
            sync.copied();
            sync.sync();
            sync.written();
            sync.sync();
        }
    }

    @Test
    void threads_that_come_at_once_all_have_their_answer() throws Exception {
        Files.createFile(log);
        try (LogSync sync = new LogSync(log);
                ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                all.add(threads.submit(() -> {
                    sync.written();
                    sync.sync();
                    return true;
                }));
            }
            for (Future<Boolean> one : all) {
                assertThat(one.get()).isTrue();
            }
            sync.release();
            Files.delete(log);
            sync.sync();
        }
    }

    @Test
    void threads_that_come_at_once_all_hear_of_a_failure() throws Exception {
        try (LogSync sync = new LogSync(log);
                ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                all.add(threads.submit(() -> {
                    sync.written();
                    try {
                        sync.sync();
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                }));
            }
            for (Future<Boolean> one : all) {
                assertThat(one.get()).isFalse();
            }
        }
    }
}
