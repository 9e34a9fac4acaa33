package labeler.domain;

import static labeler.waiting.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateWatchTest {
    /** Only ends a test that hangs. */
    private static final int LIMIT_SECONDS = 20;

    /** More than the watch service keeps for one directory. */
    private static final int MANY = 2_000;

    @TempDir
    Path root;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private String next() throws InterruptedException {
        return String.valueOf(told.poll(LIMIT_SECONDS, TimeUnit.SECONDS));
    }

    private StateWatch open(Path directory) throws IOException {
        return StateWatch.open(directory, name -> told.add(name.toString()), () -> told.add("missed"));
    }

    @Test
    void a_directory_that_is_made_later_is_watched_from_then_on() throws Exception {
        Path directory = root.resolve("states");
        try (StateWatch watch = open(directory)) {
            assertThat(watch.isValid()).isFalse();
            Files.createDirectory(directory);
            assertThat(next()).isEqualTo("missed");
            Files.createFile(directory.resolve("web.xml"));
            assertThat(next()).isEqualTo("web.xml");
            assertThat(watch.isValid()).isTrue();
        }
    }

    @Test
    void another_directory_of_that_name_is_watched_instead() throws Exception {
        Path directory = Files.createDirectory(root.resolve("states"));
        try (StateWatch watch = open(directory)) {
            Files.move(directory, root.resolve("moved"));
            assertThat(next()).isEqualTo("missed");
            assertThat(watch.isValid()).isFalse();
            Files.createDirectory(directory);
            assertThat(next()).isEqualTo("missed");
            Files.createFile(directory.resolve("web.xml"));
            assertThat(next()).isEqualTo("web.xml");
        }
    }

    @Test
    void a_listener_that_fails_hears_of_the_next_change() throws Exception {
        Path directory = Files.createDirectory(root.resolve("states"));
        try (StateWatch _ = StateWatch.open(
                directory,
                name -> {
                    told.add(name.toString());
                    throw new IllegalStateException("a fault of " + name);
                },
                () -> {})) {
            Files.createFile(directory.resolve("one.xml"));
            assertThat(next()).isEqualTo("one.xml");
            Files.createFile(directory.resolve("two.xml"));
            assertThat(next()).isEqualTo("two.xml");
        }
    }

    @Test
    void more_changes_than_can_be_kept_are_told_as_missed() throws Exception {
        Path directory = Files.createDirectory(root.resolve("states"));
        CountDownLatch isFull = new CountDownLatch(1);
        try (StateWatch _ = StateWatch.open(directory, _ -> await(isFull), () -> told.add("missed"))) {
            for (int file = 0; file < MANY; file++) {
                Files.createFile(directory.resolve(file + ".xml"));
            }
            isFull.countDown();
            assertThat(next()).isEqualTo("missed");
        }
    }
}
