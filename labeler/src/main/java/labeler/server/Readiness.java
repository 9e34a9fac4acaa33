package labeler.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import labeler.lifecycle.VmLifecycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that the service is ready, when all labels are right: later units rely on it. A recovery may take longer
 * than a start may, since guests choose how many files their directories have. Then systemd is told before: the service
 * itself lets no VM have what is still to be given back. Clients are served meanwhile.
 */
final class Readiness {
    /** Less than the unit's TimeoutStartSec, with room for the start of the JVM. */
    static final Duration LONGEST = Duration.ofMinutes(8);

    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

    private final VmLifecycle lifecycle;
    private final ServiceManager manager;
    private final Duration longest;
    private final CountDownLatch recovered = new CountDownLatch(1);

    /** @param longest for which systemd waits for the recovery */
    Readiness(VmLifecycle lifecycle, ServiceManager manager, Duration longest) {
        this.lifecycle = lifecycle;
        this.manager = manager;
        this.longest = longest;
    }

    void start() {
        Thread.ofPlatform().name("recovered").daemon().start(this::await);
        Thread.ofPlatform().name("readiness").daemon().start(this::tell);
    }

    private void await() {
        try {
            lifecycle.awaitRecovery();
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.error("while recovering what the last service left; labeler recover tries again", e);
        } finally {
            // The settlement tries again. Without the message, systemd would end the service.
            recovered.countDown();
        }
    }

    private void tell() {
        try {
            if (!recovered.await(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("labels that the last service left are still being given back; systemd waits no longer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        manager.ready();
    }
}
