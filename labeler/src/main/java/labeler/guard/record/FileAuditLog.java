package labeler.guard.record;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import labeler.problem.IoReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log in files of mode 0600. One thread writes; callers only fill a queue of bounded size.
 *
 * <p>A full disk, or one that does not answer, costs lines and nothing else. They are counted, the service's log tells it
 * once, and the next line that can be written says how many are lost.
 *
 * <p>Each line is given to the kernel at once, so that the end of the service costs none that was written. fsync(2) comes
 * at most once in {@link #FORCE_PERIOD}, at a rotation and at the end: a power cut may cost the lines of that time.
 */
public final class FileAuditLog implements AuditLog, AutoCloseable {
    /** The time between two calls of fsync(2). One for each line would be slower than qemu's own commands. */
    static final Duration FORCE_PERIOD = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(FileAuditLog.class);

    /** Entries still in the queue are lost if the disk does not take them by then. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    /** The name of the log's directory. */
    private static final String DIRECTORY = "audit";

    /** Guards the queue, and what followers wait for. Nobody has it while the disk works. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition filled = lock.newCondition();
    private final Condition grown = lock.newCondition();
    private final Queue<Pending> queue = new ArrayDeque<>();
    private long queued;

    /** Entries that came into the queue, and those of them that are written or lost. */
    private long added;

    private long handled;
    private long lost;
    private boolean isClosed;
    private boolean isFollowed = true;
    private Position written = Position.BEGIN;

    /** For the writing thread alone. */
    private final LogEnd end;

    private boolean isFailing;
    private long forced = System.nanoTime();

    private final LogSize bound;
    private final LogFiles files;
    private final InstantSource clock;
    private final Thread writer;

    /** An entry with the time of its call. */
    private record Pending(Instant time, AuditEntry entry) {}

    /** A log in this directory, which is not touched before {@link #begin}. */
    public FileAuditLog(Path stateDirectory, LogSize bound, InstantSource clock) {
        this.bound = bound;
        this.clock = clock;
        this.files = new LogFiles(stateDirectory.resolve(DIRECTORY));
        this.end = new LogEnd(files, bound);
        this.writer = Thread.ofPlatform().name("audit-log").daemon().unstarted(this::write);
    }

    /**
     * Goes on with the log of the last service. Call this once, when the directory is the service's own. A log that cannot
     * be written is reported, and does not stop the service.
     */
    public void begin() {
        add(AuditEntry.of(AuditEvent.SERVICE_STARTED));
        writer.start();
    }

    @Override
    public void add(AuditEntry entry) {
        Pending pending = new Pending(clock.instant(), entry);
        long weight = entry.weight();
        lock.lock();
        try {
            if (isClosed || queued + weight > bound.queued()) {
                lost++;
                return;
            }
            queued += weight;
            added++;
            queue.add(pending);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The bytes of entries that wait for the disk. */
    long waiting() {
        lock.lock();
        try {
            return queued;
        } finally {
            lock.unlock();
        }
    }

    /** The lost lines that the log does not tell of yet. */
    long lost() {
        lock.lock();
        try {
            return lost;
        } finally {
            lock.unlock();
        }
    }

    /** Reads lines that are in the log. */
    public LogReader reader() {
        return new LogReader(files);
    }

    /** The end of what is written. */
    public Position end() {
        lock.lock();
        try {
            return written;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until each entry that came before is written or lost, for this time at most: who has done something finds it. */
    public void awaitWritten(Duration most) throws InterruptedException {
        long left = most.toNanos();
        lock.lock();
        try {
            long all = added;
            while (handled < all && left > 0) {
                left = grown.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something is written after this position, for this time at most. */
    public void await(Position after, Duration most) throws InterruptedException {
        long left = most.toNanos();
        lock.lock();
        try {
            while (isFollowed && left > 0 && written.compareTo(after) <= 0) {
                left = grown.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether waiting for lines makes sense: not while the service stops. */
    public boolean isFollowed() {
        lock.lock();
        try {
            return isFollowed;
        } finally {
            lock.unlock();
        }
    }

    /** From now on nobody waits for lines: the service is about to stop. */
    public void endFollowing() {
        lock.lock();
        try {
            isFollowed = false;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        try {
            end.find();
        } catch (IOException e) {
            failed(e);
        }
        while (true) {
            try {
                Optional<Pending> next = next();
                tellOfLost();
                if (next.isPresent()) {
                    add(next.get());
                }
                if (next.isEmpty() || System.nanoTime() - forced > FORCE_PERIOD.toNanos()) {
                    force();
                }
                if (next.isEmpty() && isDone()) {
                    close(end);
                    return;
                }
            } catch (RuntimeException e) {
                // Nothing that can be recorded may end the service, which is what an uncaught exception does.
                LOG.error("while writing the audit log", e);
            }
        }
    }

    /** The next entry; empty if there is none for a while, and at the end. */
    private Optional<Pending> next() {
        long left = FORCE_PERIOD.toNanos();
        lock.lock();
        try {
            while (queue.isEmpty() && !isClosed && left > 0) {
                left = filled.awaitNanos(left);
            }
            Optional<Pending> next = Optional.ofNullable(queue.poll());
            next.ifPresent(pending -> queued -= pending.entry().weight());
            return next;
        } catch (InterruptedException e) {
            // Nobody interrupts this thread.
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private boolean isDone() {
        lock.lock();
        try {
            return isClosed && queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void add(Pending pending) {
        try {
            if (!tryToAdd(pending)) {
                addLost(1);
            }
        } finally {
            handled();
        }
    }

    private void handled() {
        lock.lock();
        try {
            handled++;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean tryToAdd(Pending pending) {
        try {
            end.add(LineFormat.bytes(new AuditLine(end.nextNumber(), pending.time(), pending.entry())));
        } catch (IOException e) {
            failed(e);
            return false;
        }
        if (isFailing) {
            isFailing = false;
            LOG.info("the audit log is written again");
        }
        lock.lock();
        try {
            written = end.position();
            grown.signalAll();
        } finally {
            lock.unlock();
        }
        return true;
    }

    private void addLost(long more) {
        lock.lock();
        try {
            lost += more;
        } finally {
            lock.unlock();
        }
    }

    private void tellOfLost() {
        long gone;
        lock.lock();
        try {
            gone = lost;
            lost = 0;
        } finally {
            lock.unlock();
        }
        if (gone == 0) {
            return;
        }
        String reason = isFailing ? "the log could not be written" : "more came than the disk takes";
        AuditEntry entry = AuditEntry.of(AuditEvent.LINES_LOST).saying(gone + " lines are lost here: " + reason);
        boolean isNew = !isFailing;
        if (tryToAdd(new Pending(clock.instant(), entry))) {
            if (isNew) {
                LOG.warn("{} lines of the audit log are lost: {}", gone, reason);
            }
        } else {
            addLost(gone);
        }
    }

    private void force() {
        forced = System.nanoTime();
        try {
            end.force();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Reports the first failure of a row. */
    private void failed(IOException e) {
        if (!isFailing) {
            isFailing = true;
            LOG.warn("the audit log cannot be written, and lines are lost until it can: {}", IoReason.of(e));
        }
    }

    private void close(LogEnd log) {
        try {
            log.close();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Writes what is in the queue, and ends. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            isFollowed = false;
            filled.signal();
            grown.signalAll();
        } finally {
            lock.unlock();
        }
        if (writer.getState() == Thread.State.NEW) {
            return;
        }
        try {
            if (!writer.join(CLOSE_PATIENCE)) {
                LOG.warn("the disk does not take the end of the audit log");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
