package labeler.server;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import labeler.config.ServiceConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plans of a VM that nobody has, before the first real one. */
@Timeout(60)
final class RehearsalTest {
    private final Path run;
    private final TestServer server;
    private final CountDownLatch recovered = new CountDownLatch(1);
    private final AtomicInteger vms = new AtomicInteger(1_000);
    private final Rehearsal rehearsal;

    RehearsalTest(@TempDir Path directory) throws IOException {
        this.run = Files.createDirectory(directory.resolve("run"));
        this.server = TestServer.start(directory);
        ServiceConfig defaults = ServiceConfig.DEFAULT;
        this.rehearsal = new Rehearsal(
                new FakeLifecycle() {
                    @Override
                    public void awaitRecovery() {
                        await(recovered);
                    }

                    @Override
                    public synchronized Held held() {
                        return new Held(vms.get(), 0);
                    }
                },
                new ServiceConfig(
                        server.socket(),
                        defaults.group(),
                        defaults.stateDirectory(),
                        run,
                        defaults.threads(),
                        List.of()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void end() {
        server.close();
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.toList();
        }
    }

    @Test
    void it_plans_some_times_after_the_recovery_and_leaves_nothing() throws Exception {
        // As a service that was killed leaves it.
        Files.createDirectories(run.resolve("rehearsal/below"));
        rehearsal.begin();
        assertThat(server.lifecycle().plans()).isEmpty();
        recovered.countDown();
        eventually(() -> left().isEmpty() && server.lifecycle().plans().size() == 20);
        rehearsal.close();
        assertThat(server.commandLines()).hasSize(10);
    }

    @Test
    void a_host_with_more_vms_keeps_its_memory_for_them() throws Exception {
        vms.incrementAndGet();
        rehearsal.begin();
        recovered.countDown();
        eventually(() -> !rehearsal.isUnderWay());
        assertThat(server.lifecycle().plans()).isEmpty();
    }

    @Test
    void it_ends_with_the_first_plan_that_nobody_answers() throws Exception {
        server.close();
        recovered.countDown();
        rehearsal.begin();
        eventually(() -> !rehearsal.isUnderWay());
        assertThat(left()).isEmpty();
        assertThat(server.lifecycle().plans()).isEmpty();
    }

    @Test
    void the_end_of_one_that_has_not_begun_waits_for_nothing() throws Exception {
        rehearsal.close();
        assertThat(left()).isEmpty();
    }

    @Test
    void the_end_of_the_service_ends_it() throws Exception {
        rehearsal.begin();
        recovered.countDown();
        rehearsal.close();
        eventually(() -> left().isEmpty());
    }

    @Test
    void the_end_does_not_wait_for_a_recovery_that_hangs() throws Exception {
        rehearsal.begin();
        rehearsal.close();
        assertThat(left()).isEmpty();
        recovered.countDown();
        eventually(() -> left().isEmpty());
        assertThat(server.lifecycle().plans()).isEmpty();
    }
}
