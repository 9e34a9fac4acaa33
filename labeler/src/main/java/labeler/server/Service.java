package labeler.server;

import jakarta.inject.Inject;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import labeler.guard.record.FileAuditLog;
import labeler.http.HttpService;
import labeler.lifecycle.VmLifecycle;
import labeler.metrics.Metrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of the service: serve, stop. The remains of a crash are cleaned up as soon as the lifecycle has begun. */
final class Service {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);

    private final Readiness readiness;
    private final HttpService http;
    private final DescriptorServer descriptors;
    private final EmulatorServer emulators;
    private final ServiceManager manager;
    private final FileAuditLog audit;
    private final ShutdownOrder closing = new ShutdownOrder();
    private Optional<Watchdog> watchdog = Optional.empty();
    private Optional<Rehearsal> rehearsal = Optional.empty();

    @Inject
    Service(
            VmLifecycle lifecycle,
            HttpService http,
            DescriptorServer descriptors,
            EmulatorServer emulators,
            ServiceManager manager,
            FileAuditLog audit,
            Metrics metrics) {
        this.readiness = new Readiness(lifecycle, manager, Readiness.LONGEST);
        this.http = http;
        this.descriptors = descriptors;
        this.emulators = emulators;
        this.manager = manager;
        this.audit = audit;
        metrics.holds(lifecycle::held);
    }

    /** Adds something to close when the service ends, the last one first. */
    void closes(AutoCloseable open) {
        closing.add(open);
    }

    /** Has it rehearse as soon as it listens. */
    void rehearses(Rehearsal one) {
        rehearsal = Optional.of(one);
    }

    /**
     * Listens.
     *
     * @throws IOException if it cannot listen
     */
    void start() throws IOException {
        // This check is first, so that a second service on this socket reports the first one, and no other obstacle.
        http.prepare();
        // This socket listens first, since a launcher comes here as soon as its start is answered.
        descriptors.start();
        try {
            emulators.start();
            http.start();
        } catch (IOException e) {
            emulators.stop();
            descriptors.stop();
            throw e;
        }
        readiness.start();
        SocketAddress listening = http.address();
        watchdog = manager.patience().map(patience -> Watchdog.start(manager, listening, patience));
        rehearsal.ifPresent(Rehearsal::begin);
    }

    void stop() {
        manager.stopping();
        watchdog.ifPresent(Watchdog::close);
        rehearsal.ifPresent(Rehearsal::close);
        // The server waits for its requests, and these wait for events.
        audit.endFollowing();
        try {
            http.stop();
            emulators.stop();
            descriptors.stop();
        } catch (IOException e) {
            LOG.error("{}", e.getMessage(), e);
        } finally {
            closing.close();
        }
    }

    /**
     * Serves until SIGTERM or SIGINT, and then ends the process with 0. A JVM by itself would not, but a requested stop
     * is no failure.
     *
     * @throws IOException if it cannot listen
     */
    int runUntilStopped() throws IOException {
        CompletableFuture<Boolean> serves = new CompletableFuture<>();
        Runtime runtime = Runtime.getRuntime();
        // Before it listens: who has got an answer may end it at once.
        runtime.addShutdownHook(new Thread(
                () -> {
                    if (serves.join()) {
                        stop();
                        runtime.halt(0);
                    }
                },
                "stop"));
        try {
            start();
            serves.complete(true);
        } catch (IOException e) {
            closing.close();
            throw e;
        } finally {
            serves.complete(false);
        }
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }
}
