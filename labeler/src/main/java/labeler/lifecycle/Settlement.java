package labeler.lifecycle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after files that nobody holds any more, until it is certain that what was given back is on disk: tries again what
 * failed, has the file systems write what they hold in memory, and only then takes the files off the record. So a stop
 * need not wait for the disk, and a power cut after it loses nothing.
 */
final class Settlement implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    /** As often as the kernel itself writes changes back (dirty_expire_centisecs is 30 s by default). */
    private static final long PERIOD_SECONDS = 30;

    /** A file system that hangs may not hold up the end of the service; what is not settled stays on record. */
    private static final long CLOSING_SECONDS = 5;

    private final ReentrantLock lock;
    private final Holdings holdings;
    private final Journal journal;
    private final Reverter reverter;
    private final Release release;
    private final FileSystems fileSystems;
    private final Runnable lookAround;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("settlement").daemon().factory());

    /** @param lookAround what else is to be looked after each time, under no lock */
    Settlement(
            ReentrantLock lock,
            Holdings holdings,
            Journal journal,
            Reverter reverter,
            Release release,
            FileSystems fileSystems,
            Runnable lookAround) {
        this.lock = lock;
        this.holdings = holdings;
        this.journal = journal;
        this.reverter = reverter;
        this.release = release;
        this.fileSystems = fileSystems;
        this.lookAround = lookAround;
    }

    void start() {
        var _ = executor.scheduleWithFixedDelay(this::settleQuietly, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    /** One round as soon as possible, on the settlement's own thread. */
    void soon() {
        executor.execute(this::settleQuietly);
    }

    private void settleQuietly() {
        try {
            lookAround.run();
            settle(false, false);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // An executor drops a task that throws; this one has to come again.
            LOG.error("while settling reverted labels", e);
        }
    }

    /**
     * One round; answers what was found of each file that nobody holds.
     *
     * @param forgetLost whether to take off the record what cannot be found, whatever label it may carry
     */
    List<FileReport> settle(boolean dryRun, boolean forgetLost) {
        Map<Long, OpenedFile> samples = new HashMap<>();
        List<Holdings.Unheld> settled = new ArrayList<>();
        List<FileReport> reports = new ArrayList<>();
        try {
            lock.lock();
            try {
                for (Holdings.Unheld unheld : holdings.unheld()) {
                    if (!unheld.file().isLabelled()) {
                        // It was handed over, so that there is nothing to give back.
                        if (!dryRun) {
                            settled.add(unheld);
                        }
                        continue;
                    }
                    FileReport report = release.revert(unheld.file(), dryRun);
                    reports.add(report);
                    if (!dryRun && isOver(unheld.file(), report, forgetLost, samples)) {
                        settled.add(unheld);
                    }
                }
            } finally {
                lock.unlock();
            }
            forget(settled, samples);
        } finally {
            samples.values().forEach(OpenedFile::close);
        }
        return reports;
    }

    private boolean isOver(FileRecord file, FileReport report, boolean forgetLost, Map<Long, OpenedFile> samples) {
        return switch (report.outcome()) {
            // A deletion, too, may be undone by a power cut that comes before it is on disk.
            case REVERTED, CHANGED_BY_OTHERS, MISSING -> {
                Optional<OpenedFile> sample = reverter.onSameFileSystem(file);
                // By its own device: the file system may have come back under another number than the record's.
                sample.filter(one -> samples.putIfAbsent(one.identity().device(), one) != null)
                        .ifPresent(OpenedFile::close);
                yield sample.isPresent();
            }
            case LOST -> forgetLost;
            case FAILED, STILL_HELD, AS_EXPECTED, RELABELLED, WOULD_CHANGE -> false;
        };
    }

    /** Without the lock while it syncs, which can take long; whatever was taken up again meanwhile stays on record. */
    private void forget(List<Holdings.Unheld> settled, Map<Long, OpenedFile> samples) {
        if (settled.isEmpty()) {
            return;
        }
        try {
            for (OpenedFile file : samples.values()) {
                fileSystems.sync(file);
            }
        } catch (LinuxException e) {
            LOG.warn("reverted labels may not be on disk yet: {}", e.getMessage());
            return;
        }
        lock.lock();
        try {
            List<Long> gone = settled.stream()
                    .filter(holdings::isStill)
                    .map(unheld -> unheld.file().id())
                    .toList();
            journal.forget(gone);
            holdings.forget(gone);
        } catch (JournalException e) {
            LOG.warn("settled files stay on record: {}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a file system is still writing; what is not settled stays on record");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
