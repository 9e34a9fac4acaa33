package labeler.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import labeler.apply.Reverter;
import labeler.apply.SyncRound;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
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
            Runnable lookAround) {
        this.lock = lock;
        this.holdings = holdings;
        this.journal = journal;
        this.reverter = reverter;
        this.release = release;
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
        List<Candidate> candidates = new ArrayList<>();
        List<FileReport> reports = new ArrayList<>();
        try (SyncRound round = reverter.beginRound()) {
            lock.lock();
            try {
                for (Holdings.Unheld unheld : holdings.unheld()) {
                    FileRecord file = unheld.file();
                    if (!file.isLabelled()) {
                        // It was handed over, so that there is nothing to give back.
                        candidates.add(new Candidate(unheld, OptionalLong.empty(), true));
                    } else if (dryRun) {
                        reports.add(release.revert(file, true));
                    } else {
                        Reverter.Settled settled = reverter.settle(file, round);
                        FileReport report = release.report(file, settled.reversion(), false);
                        reports.add(report);
                        boolean certain = settled.reversion() instanceof Reverter.OnRecordAnew
                                || (forgetLost && report.outcome() == FileReport.Outcome.LOST);
                        candidates.add(new Candidate(unheld, settled.device(), certain));
                    }
                }
                // Of VMs that were stopped and whose processes live: what could not be given back then.
                holdings.toGiveBack().forEach(file -> reports.add(release.revert(file, dryRun)));
            } finally {
                lock.unlock();
            }
            if (!dryRun && !candidates.isEmpty()) {
                forget(candidates, round);
            }
        }
        return reports;
    }

    /**
     * A file that may be taken off the record.
     *
     * @param device on which it is as it should be, in memory at least; empty where it is not
     * @param certain whatever its device has on disk
     */
    private record Candidate(Holdings.Unheld unheld, OptionalLong device, boolean certain) {
        boolean isOver(Set<Long> written) {
            return certain || (device.isPresent() && written.contains(device.getAsLong()));
        }
    }

    /** Without the lock while it syncs, which can take long; whatever was taken up again meanwhile stays on record. */
    private void forget(List<Candidate> candidates, SyncRound round) {
        Set<Long> written = round.write();
        lock.lock();
        try {
            List<Long> gone = candidates.stream()
                    .filter(candidate -> candidate.isOver(written))
                    .map(Candidate::unheld)
                    .filter(holdings::isStill)
                    .map(unheld -> unheld.file().id())
                    .toList();
            if (!gone.isEmpty()) {
                journal.forget(gone);
                holdings.forget(gone);
            }
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
