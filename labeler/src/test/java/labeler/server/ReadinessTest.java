package labeler.server;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.fake.FakeLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadinessTest {
    private static final String NAME = "/run/systemd/notify";
    private static final SocketName SOCKET = SocketName.parse(NAME).orElseThrow();

    private final FakeLinux linux = new FakeLinux();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    private void start(Duration longest, Runnable recovery) {
        linux.sockets().listen(SOCKET);
        ServiceManager manager = ServiceManager.of(
                Map.of("NOTIFY_SOCKET", NAME), new Pid(42), linux.linux().sockets());
        new Readiness(
                        new FakeLifecycle() {
                            @Override
                            public void awaitRecovery() {
                                begun.countDown();
                                recovery.run();
                            }
                        },
                        manager,
                        longest)
                .start();
    }

    private void untilOver() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> told() {
        return linux.sockets().datagrams(SOCKET);
    }

    private void awaitReady() {
        eventually(() -> !told().isEmpty());
        assertThat(told()).containsExactly("READY=1");
    }

    @Test
    void it_is_ready_when_the_recovery_is_over() throws Exception {
        start(Duration.ofHours(1), this::untilOver);
        begun.await();
        assertThat(told()).isEmpty();
        over.countDown();
        awaitReady();
    }

    @Test
    void a_recovery_that_takes_longer_than_a_start_may_keeps_no_unit_waiting() throws Exception {
        start(Duration.ofMillis(50), this::untilOver);
        awaitReady();
        over.countDown();
    }

    @Test
    void it_is_ready_after_a_recovery_that_failed_also_for_want_of_memory() throws Exception {
        start(Duration.ofHours(1), () -> {
            throw new OutOfMemoryError("as a test wants it");
        });
        awaitReady();
    }
}
