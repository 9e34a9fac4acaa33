package labeler.domain;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import labeler.journal.FileHold;
import labeler.linux.Timestamp;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running domain, at which one thread looks at a time. It is closed at the domain's end, and never used again. */
final class FollowedDomain {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedDomain.class);

    private final VmName name;
    private final DomainLook look;
    private final DomainEnd end;
    private final Pace pace;
    private final Executor threads;

    /** The number of changes so far. */
    private long changes;

    /** The number of those that the latest look has seen. */
    private long looked;

    private boolean isClosed;

    private boolean isLookedAt;

    FollowedDomain(VmName name, DomainLook look, DomainEnd end, Pace pace, Executor threads) {
        this.name = name;
        this.look = look;
        this.end = end;
        this.pace = pace;
        this.threads = threads;
    }

    /** Something has changed. */
    synchronized void ask() {
        changes++;
        notifyAll();
        begin();
    }

    /** Runs with the lock held. */
    private void begin() {
        if (!isLookedAt && !isClosed) {
            try {
                threads.execute(this::work);
                isLookedAt = true;
            } catch (RejectedExecutionException e) {
                LOG.info("VM {}: the service ends, and the next one looks at it", name);
            }
        }
    }

    /** A look that is under way changes nothing more, and no other begins. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }

    private void work() {
        boolean isOver = false;
        try {
            follow();
            isOver = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
            LOG.error("VM {}: while following what libvirt gives it; the next change is looked at", name, e);
        } finally {
            if (!isOver) {
                rest();
            }
        }
    }

    private void follow() throws InterruptedException {
        Map<FileHold, Optional<Timestamp>> leaving = Map.of();
        while (true) {
            Thread.sleep(pace.quiet());
            long seen = changes();
            if (isClosed()) {
                return;
            }
            DomainLook.Seen now = look.look(name, new Moment(this::isCurrent, () -> isQuiet(seen), leaving));
            leaving = Map.of();
            switch (now) {
                case DomainLook.Nothing() -> {
                    if (restsSince(seen)) {
                        return;
                    }
                }
                case DomainLook.Unfinished() -> changesWithin(pace.again(), seen);
                case DomainLook.Leaving(Map<FileHold, Optional<Timestamp>> touched) ->
                    leaving = changesWithin(pace.settling(), seen) ? Map.of() : touched;
                case DomainLook.Gone() -> {
                    if (!changesWithin(pace.patience(), seen) && isStillGone(seen)) {
                        end.gone(name, () -> isQuiet(seen));
                    }
                }
            }
        }
    }

    private boolean isStillGone(long seen) {
        return look.look(name, new Moment(this::isCurrent, () -> isQuiet(seen), Map.of())) instanceof DomainLook.Gone;
    }

    private boolean isCurrent() {
        return !isClosed();
    }

    private synchronized boolean isClosed() {
        return isClosed;
    }

    private synchronized boolean isQuiet(long seen) {
        return !isClosed && changes == seen;
    }

    /** The changes that the look which now begins sees. */
    private synchronized long changes() {
        looked = changes;
        return changes;
    }

    /** Ends the thread's work, unless there is a change that it has not seen. */
    private synchronized boolean restsSince(long seen) {
        if (seen != changes) {
            return false;
        }
        isLookedAt = false;
        return true;
    }

    /** After a fault, too, a change that came meanwhile is looked at. */
    private synchronized void rest() {
        isLookedAt = false;
        if (changes != looked) {
            begin();
        }
    }

    /** Waits for a change, or for this time without one. */
    private synchronized boolean changesWithin(Duration time, long seen) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        for (long left = time.toMillis(); changes == seen && !isClosed && left > 0; ) {
            wait(left);
            left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        }
        return changes != seen || isClosed;
    }
}
