package labeler.lifecycle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.journal.JournalException;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.work.FileSystemWork;
import labeler.work.Place;
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

    private final Ledger ledger;
    private final Reverter reverter;
    private final Reversions reversions;
    private final FileSystems fileSystems;
    private final FileSystemWork work;
    private final Runnable lookAround;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("settlement").daemon().factory());

    /** File systems that are writing; guarded by itself. One that hangs has one thread that waits for it. */
    private final Set<Long> syncing = new HashSet<>();

    /** @param lookAround what else is to be looked after each time, under no lock */
    Settlement(
            Ledger ledger,
            Reverter reverter,
            Reversions reversions,
            FileSystems fileSystems,
            FileSystemWork work,
            Runnable lookAround) {
        this.ledger = ledger;
        this.reverter = reverter;
        this.reversions = reversions;
        this.fileSystems = fileSystems;
        this.work = work;
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

    /** What came of a file; with something open on its file system if it is to be forgotten once that has written. */
    private record Settled(
            Holdings.Unheld unheld, Optional<FileReport> report, boolean isOver, Optional<OpenedFile> sample) {}

    /**
     * One round; answers what was found of each file that nobody holds.
     *
     * @param forgetLost whether to take off the record what cannot be found, whatever label it may carry
     */
    List<FileReport> settle(boolean dryRun, boolean forgetLost) {
        List<Holdings.Unheld> all = ledger.lock().holding(() -> unheld(dryRun));
        List<FileReport> reports = new ArrayList<>();
        List<Settled> settled = new ArrayList<>();
        var outcomes = work.each(
                all,
                unheld -> unheld.file().realPath(),
                unheld -> settle(unheld, dryRun, forgetLost),
                late -> late.sample().ifPresent(OpenedFile::close));
        for (Holdings.Unheld unheld : all) {
            switch (outcomes.get(unheld)) {
                case FileSystemWork.Done<Settled>(Settled done) -> {
                    done.report().ifPresent(reports::add);
                    settled.add(done);
                }
                case FileSystemWork.Late<Settled>(Place place) -> reports.add(Reversions.hanging(unheld.file(), place));
                case FileSystemWork.NotBegun<Settled>(Place place) -> {
                    reports.add(Reversions.hanging(unheld.file(), place));
                    if (!dryRun) {
                        reversions.unmark(unheld.file());
                    }
                }
                case null ->
                    throw new IllegalStateException(
                            "nobody has looked at " + unheld.file().path());
            }
        }
        forget(settled);
        return reports;
    }

    /** With the lock held. */
    private List<Holdings.Unheld> unheld(boolean dryRun) {
        List<Holdings.Unheld> unheld = ledger.holdings().unheld().stream()
                .filter(one -> !ledger.claims().isReverting(one.file().id()))
                .toList();
        if (!dryRun) {
            ledger.claims().revert(unheld.stream().map(one -> one.file().id()).toList());
        }
        return unheld;
    }

    private Settled settle(Holdings.Unheld unheld, boolean dryRun, boolean forgetLost) {
        FileRecord file = unheld.file();
        if (!file.isLabelled()) {
            // It was handed over, so that there is nothing to give back.
            if (!dryRun) {
                reversions.unmark(file);
            }
            return new Settled(unheld, Optional.empty(), !dryRun, Optional.empty());
        }
        FileReport report = dryRun ? reversions.lookAt(file) : reversions.revert(file);
        if (dryRun) {
            return new Settled(unheld, Optional.of(report), false, Optional.empty());
        }
        return switch (report.outcome()) {
            // A deletion, too, may be undone by a power cut that comes before it is on disk.
            case REVERTED, CHANGED_BY_OTHERS, MISSING -> {
                Optional<OpenedFile> sample = reverter.onSameFileSystem(file);
                yield new Settled(unheld, Optional.of(report), sample.isPresent(), sample);
            }
            case LOST -> new Settled(unheld, Optional.of(report), forgetLost, Optional.empty());
            case FAILED, STILL_HELD, AS_EXPECTED, RELABELLED, WOULD_CHANGE ->
                new Settled(unheld, Optional.of(report), false, Optional.empty());
        };
    }

    /** Each file system writes on a thread of its own, which can take long, and is waited for only so long. */
    private void forget(List<Settled> settled) {
        Map<Long, List<Settled>> byDevice = new HashMap<>();
        List<Holdings.Unheld> atOnce = new ArrayList<>();
        for (Settled one : settled) {
            // By its own device: the file system may have come back under another number than the record's.
            one.sample()
                    .ifPresentOrElse(
                            sample -> byDevice.computeIfAbsent(sample.identity().device(), _ -> new ArrayList<>())
                                    .add(one),
                            () -> Optional.of(one.unheld())
                                    .filter(_ -> one.isOver())
                                    .ifPresent(atOnce::add));
        }
        forgetNow(atOnce);
        byDevice.entrySet().stream()
                .map(entry -> syncing(entry.getKey(), entry.getValue()))
                .toList()
                .forEach(this::await);
    }

    private Future<Boolean> syncing(long device, List<Settled> settled) {
        List<OpenedFile> samples =
                settled.stream().flatMap(one -> one.sample().stream()).toList();
        synchronized (syncing) {
            if (!syncing.add(device)) {
                samples.forEach(OpenedFile::close);
                return CompletableFuture.completedFuture(false);
            }
        }
        FutureTask<Boolean> task = new FutureTask<>(() -> sync(device, settled, samples));
        Thread.ofPlatform().name("sync-" + device).daemon().start(task);
        return task;
    }

    private boolean sync(long device, List<Settled> settled, List<OpenedFile> samples) {
        try {
            fileSystems.sync(samples.getFirst());
            forgetNow(settled.stream().map(Settled::unheld).toList());
            return true;
        } catch (LinuxException e) {
            LOG.warn("reverted labels may not be on disk yet: {}", e.getMessage());
            return false;
        } finally {
            samples.forEach(OpenedFile::close);
            synchronized (syncing) {
                syncing.remove(device);
            }
        }
    }

    private void await(Future<Boolean> written) {
        if (!Waiting.isDone(written, work.patience().call())) {
            LOG.info("a file system is still writing; what was given back there is settled when it has");
        }
    }

    /** Whatever was taken up again meanwhile stays on record. */
    private void forgetNow(List<Holdings.Unheld> settled) {
        if (settled.isEmpty()) {
            return;
        }
        ledger.lock().lock();
        try {
            List<Long> gone = settled.stream()
                    .filter(ledger.holdings()::isStill)
                    .map(unheld -> unheld.file().id())
                    .filter(id -> !ledger.claims().isReverting(id))
                    .toList();
            ledger.journal().forget(gone);
            ledger.holdings().forget(gone);
        } catch (JournalException e) {
            LOG.warn("settled files stay on record: {}", e.getMessage());
        } finally {
            ledger.lock().unlock();
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
