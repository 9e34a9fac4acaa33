package labeler.denial;

import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.AuditFeed;
import labeler.linux.AuditGroup;
import labeler.linux.LinuxException;
import labeler.linux.Processes;
import labeler.selinux.SelinuxHost;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the kernel's denials as they come, on a thread of its own, where SELinux is active. It looks at them once a second at
 * most: meanwhile the kernel keeps them, or drops them.
 */
public final class DenialWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DenialWatch.class);

    private static final Set<Integer> TYPES = Set.of(RecordBatch.AVC, RecordBatch.PATH, RecordBatch.CWD);

    /** From the first denial to the explanation of all that came meanwhile. */
    private static final Duration PACE = Duration.ofSeconds(1);

    /** Between two complaints about dropped records. */
    private static final Duration QUIET = Duration.ofMinutes(10);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final AuditGroup group;
    private final Processes processes;
    private final SelinuxHost selinux;
    private final DenialTeller teller;
    private final RecordBatch batch = new RecordBatch();

    private volatile boolean isClosed;
    private Processes.@Nullable Waker waker;
    private @Nullable Thread reader;

    /** When the batch is due. Of the reading thread alone, as is {@link #complained}. */
    private Instant due = Instant.MAX;

    private Instant complained = Instant.MIN;

    @Inject
    DenialWatch(AuditGroup group, Processes processes, SelinuxHost selinux, DenialTeller teller) {
        this.group = group;
        this.processes = processes;
        this.selinux = selinux;
        this.teller = teller;
    }

    /** Reads from now on. Where that is not possible the service says so once, and does everything else. */
    public void begin() {
        if (!selinux.isActive()) {
            return;
        }
        try {
            AuditFeed feed = group.join(TYPES);
            reader = reader(feed);
        } catch (LinuxException e) {
            LOG.warn(
                    "denials are no events of the audit log ({}): that takes CAP_AUDIT_READ and the host's network"
                            + " namespace, as in the unit; labeler explain --since reads them all the same",
                    e.getMessage());
        }
    }

    private Thread reader(AuditFeed feed) throws LinuxException {
        try {
            Processes.Waker wakes = processes.waker();
            waker = wakes;
            return Thread.ofPlatform().name("denials").daemon().start(() -> read(feed, wakes));
        } catch (LinuxException e) {
            feed.close();
            throw e;
        }
    }

    private void read(AuditFeed feed, Processes.Waker wakes) {
        try (feed) {
            while (!isClosed) {
                try {
                    step(feed, wakes);
                } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
                    // No record may end the service, which is what an uncaught exception does.
                    LOG.error("a denial was not explained; the next one is", e);
                    batch.take();
                    due = Instant.MAX;
                }
            }
        } catch (LinuxException e) {
            LOG.warn("denials are no events of the audit log any more: {}", e.getMessage());
        }
    }

    private void step(AuditFeed feed, Processes.Waker wakes) throws LinuxException {
        Instant now = Instant.now();
        if (batch.isFull()) {
            // The kernel drops what it cannot keep meanwhile: a flood costs this thread no more than the pace.
            processes.awaitExit(List.of(), wakes, millis(now, due));
        } else {
            switch (feed.next(wakes, batch.isEmpty() ? untold(now) : millis(now, due))) {
                case AuditFeed.Received record -> batch.add(record);
                case AuditFeed.Missed _ -> complain(now);
                case AuditFeed.Nothing _ -> {}
            }
        }
        tell(Instant.now());
    }

    private void tell(Instant now) {
        if (batch.isEmpty()) {
            teller.tellOfUntold(now);
        } else if (due.equals(Instant.MAX)) {
            due = now.plus(PACE);
        } else if (!now.isBefore(due) || due.isAfter(now.plus(PACE))) {
            due = Instant.MAX;
            teller.tell(batch.take(), now);
        }
    }

    private void complain(Instant now) {
        if (complained.isBefore(now.minus(QUIET))) {
            complained = now;
            teller.tellOfMissed();
        }
    }

    private int untold(Instant now) {
        Optional<Instant> next = teller.next(now);
        return next.isPresent() ? millis(now, next.get()) : -1;
    }

    /** At least one, so that a wait is none without an end. */
    private static int millis(Instant now, Instant end) {
        return (int) Math.clamp(Duration.between(now, end).toMillis() + 1, 1, PACE.toMillis() * 60);
    }

    @Override
    public void close() {
        isClosed = true;
        if (waker == null || reader == null) {
            return;
        }
        waker.wake();
        try {
            if (reader.join(CLOSE_PATIENCE)) {
                waker.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
