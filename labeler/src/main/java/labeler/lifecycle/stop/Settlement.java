package labeler.lifecycle.stop;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import labeler.apply.Reverter;
import labeler.apply.SyncRound;
import labeler.journal.FileRecord;
import labeler.journal.JournalException;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.release.Reversions;
import labeler.work.DeviceThreads;
import labeler.work.FileSystemTask;
import labeler.work.FileSystemWork;
import labeler.work.Futures;
import labeler.work.WhenLate;
import labeler.work.WorkEnd;
import labeler.work.WorkFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after files that nobody holds any more, until their earlier labels are certainly on disk. It tries failed
 * reversions again, has the file systems write their memory to disk, and only then takes the files off the record. So a
 * stop need not wait for the disk, and a power cut after it loses nothing.
 */
final class Settlement implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    /** As often as the kernel itself writes changes back (dirty_expire_centisecs is 30 s by default). */
    private static final long PERIOD_SECONDS = 30;

    /** Other hosts cannot take a file before it is settled. */
    private static final long AWAITED_SECONDS = 1;

    /** A file system that hangs may not delay the end of the service; files that are not settled stay on record. */
    private static final long CLOSING_SECONDS = 5;

    private final Ledger ledger;
    private final Reverter reverter;
    private final Reversions reversions;
    private final FileSystemWork work;
    private final VmEnd end;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("settlement").daemon().factory());

    /** File systems write on these. For one that hangs, one thread waits. */
    private final DeviceThreads syncing =
            new DeviceThreads(Thread.ofPlatform().name("sync-", 0).daemon().factory());

    @Inject
    Settlement(Ledger ledger, Reverter reverter, Reversions reversions, FileSystemWork work, VmEnd end) {
        this.ledger = ledger;
        this.reverter = reverter;
        this.reversions = reversions;
        this.work = work;
        this.end = end;
    }

    void start() {
        var _ = executor.scheduleWithFixedDelay(this::settleQuietly, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
        if (!ledger.others().isAlone()) {
            var _ = executor.scheduleWithFixedDelay(
                    this::settleAwaited, AWAITED_SECONDS, AWAITED_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void settleAwaited() {
        if (ledger.others().takeNews()) {
            settleQuietly();
        }
    }

    /** Runs one round as soon as possible, on the settlement's own thread. */
    void soon() {
        executor.execute(this::settleQuietly);
    }

    private void settleQuietly() {
        try {
            end.lookAfterTheUnwatched();
            settle(false, false);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // An executor drops a task that throws, but this one has to run again.
            LOG.error("while settling reverted labels", e);
        }
    }

    /**
     * The result for a file.
     *
     * @param device that makes it certain once it is written; empty if there is none
     * @param certain whether it is certain without its device's writing
     */
    private record Settled(Holdings.Unheld unheld, Optional<FileReport> report, OptionalLong device, boolean certain) {}

    /** The rounds of the threads that settle files. This closes them; a late errand closes its own. */
    private final class Rounds implements AutoCloseable {
        private final Map<FileSystemTask, SyncRound> rounds = new ConcurrentHashMap<>();

        /** Runs on the thread that works on the files. */
        SyncRound here() {
            return rounds.computeIfAbsent(work.current().orElseThrow(), errand -> {
                SyncRound round = reverter.beginRound();
                errand.afterwards(() -> {
                    if (errand.isLate()) {
                        round.close();
                    }
                });
                return round;
            });
        }

        /** The rounds for each device, once nobody works with them. Files that came later are settled another time. */
        Map<Long, List<SyncRound>> byDevice() {
            Map<Long, List<SyncRound>> devices = new HashMap<>();
            inTime().forEach(round -> round.byDevice()
                    .forEach((device, one) -> devices.computeIfAbsent(device, _ -> new ArrayList<>())
                            .add(one)));
            return devices;
        }

        private Stream<SyncRound> inTime() {
            return rounds.entrySet().stream()
                    .filter(entry -> !entry.getKey().isLate())
                    .map(Map.Entry::getValue);
        }

        @Override
        public void close() {
            inTime().forEach(SyncRound::close);
        }
    }

    /**
     * Runs one round; answers the result for each file that nobody holds.
     *
     * @param forgetLost whether to take files off the record that cannot be found, whatever label they may carry
     */
    List<FileReport> settle(boolean dryRun, boolean forgetLost) {
        List<FileReport> reports = new ArrayList<>();
        try (Rounds rounds = new Rounds()) {
            List<Settled> settled = settle(rounds, reports, dryRun, forgetLost);
            reports.addAll(giveBack(dryRun));
            forget(settled, rounds);
        }
        return reports;
    }

    private List<Settled> settle(Rounds rounds, List<FileReport> reports, boolean dryRun, boolean forgetLost) {
        List<Holdings.Unheld> all = ledger.lock().holding(() -> unheld(dryRun));
        List<Settled> settled = new ArrayList<>();
        var outcomes = outcomes(all, rounds, dryRun, forgetLost);
        for (Holdings.Unheld unheld : all) {
            switch (outcomes.get(unheld)) {
                case FileSystemWork.Done<Settled>(Settled done) -> {
                    done.report().ifPresent(reports::add);
                    settled.add(done);
                }
                case FileSystemWork.Late<Settled>(WorkFileSystem place) ->
                    reports.add(Reversions.hanging(unheld.file(), place));
                case FileSystemWork.NotBegun<Settled>(WorkFileSystem place) -> {
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
        return settled;
    }

    private Map<Holdings.Unheld, FileSystemWork.Outcome<Settled>> outcomes(
            List<Holdings.Unheld> all, Rounds rounds, boolean dryRun, boolean forgetLost) {
        boolean complete = dryRun;
        try {
            var outcomes = work.each(
                    all,
                    unheld -> unheld.file().realPath(),
                    WhenLate.GO_ON,
                    (unheld, _) -> settle(unheld, rounds, dryRun, forgetLost));
            complete = true;
            return outcomes;
        } finally {
            // After an unforeseen exception nobody may wait for work that nobody does.
            if (!complete) {
                all.forEach(unheld -> reversions.unmark(unheld.file()));
            }
        }
    }

    /** Runs with the lock held. */
    private List<Holdings.Unheld> unheld(boolean dryRun) {
        List<Holdings.Unheld> unheld = ledger.holdings().unheld().stream()
                .filter(one -> !ledger.claims().isReverting(one.file().id()))
                .toList();
        if (!dryRun) {
            ledger.claims().revert(unheld.stream().map(one -> one.file().id()).toList());
        }
        return unheld;
    }

    /** Files of stopped VMs with live processes that could not be given back at the stop. */
    private Collection<FileReport> giveBack(boolean dryRun) {
        List<FileRecord> files = ledger.lock().holding(() -> {
            List<FileRecord> left = ledger.holdings().toGiveBack().stream()
                    .filter(file -> !ledger.claims().isReverting(file.id()))
                    .toList();
            if (!dryRun) {
                ledger.claims().revert(left.stream().map(FileRecord::id).toList());
            }
            return left;
        });
        return (dryRun ? reversions.look(files) : reversions.revert(files)).values();
    }

    /** The next round gives all of these trees back what their roots had. No start may have one of them meanwhile. */
    void replaceLostTables() {
        List<Holdings.Unheld> all = ledger.lock().holding(() -> unheld(false));
        try {
            work.each(
                    all,
                    unheld -> unheld.file().realPath(),
                    WhenLate.END,
                    (unheld, _) -> isTableReplaced(unheld.file()));
        } finally {
            all.forEach(unheld -> reversions.unmark(unheld.file()));
        }
    }

    private boolean isTableReplaced(FileRecord file) {
        try {
            return file.isLabelled() && reverter.replaceLostTable(file);
        } catch (IOException e) {
            LOG.warn("{}: its lost table of labels cannot be replaced: {}", file.path(), e.getMessage());
            return false;
        } catch (RuntimeException | OutOfMemoryError e) {
            // All other trees wait behind this one.
            LOG.error("while replacing the lost table of {}", file.path(), e);
            return false;
        }
    }

    private Settled settle(Holdings.Unheld unheld, Rounds rounds, boolean dryRun, boolean forgetLost) {
        FileRecord file = unheld.file();
        if (!file.isLabelled()) {
            // The file was handed over, so there is nothing to give back.
            if (!dryRun) {
                reversions.unmark(file);
            }
            return new Settled(unheld, Optional.empty(), OptionalLong.empty(), !dryRun);
        }
        if (dryRun) {
            return new Settled(unheld, Optional.of(reversions.lookAt(file)), OptionalLong.empty(), false);
        }
        Reverter.Settled settled = reversions.settle(file, rounds.here());
        FileReport report = Reversions.report(file, settled.reversion());
        boolean certain = settled.reversion() instanceof Reverter.OnRecordAnew
                || settled.reversion() instanceof Reverter.HeldElsewhere
                || (forgetLost && report.outcome() == FileReport.Outcome.LOST);
        return new Settled(unheld, Optional.of(report), settled.device(), certain);
    }

    /** Each file system writes on a thread of its own. This can take long, and the wait for it is limited. */
    private void forget(List<Settled> settled, Rounds rounds) {
        forgetNow(settled.stream().filter(Settled::certain).map(Settled::unheld).toList());
        Map<Long, List<Holdings.Unheld>> written = new HashMap<>();
        settled.stream()
                .filter(one -> !one.certain())
                .forEach(one -> one.device()
                        .ifPresent(device -> written.computeIfAbsent(device, _ -> new ArrayList<>())
                                .add(one.unheld())));
        rounds.byDevice().entrySet().stream()
                .map(entry ->
                        syncing(entry.getKey(), written.getOrDefault(entry.getKey(), List.of()), entry.getValue()))
                .toList()
                .forEach(this::await);
    }

    private Future<Boolean> syncing(long device, List<Holdings.Unheld> settled, List<SyncRound> rounds) {
        Optional<Future<Boolean>> begun = Optional.empty();
        try {
            begun = syncing.begin(device, () -> sync(device, settled, rounds));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // No thread for this one. The others wait behind it, and the next round tries again.
            LOG.error("while a file system was to write", e);
        }
        if (begun.isEmpty()) {
            rounds.forEach(SyncRound::close);
        }
        return begun.orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    private boolean sync(long device, List<Holdings.Unheld> settled, List<SyncRound> rounds) {
        try {
            // Up to the first that fails: then its device is in doubt, and no other sync may say otherwise.
            boolean written = rounds.stream().allMatch(round -> round.write().contains(device));
            if (written) {
                forgetNow(settled);
            }
            return written;
        } finally {
            rounds.forEach(SyncRound::close);
        }
    }

    private void await(Future<Boolean> written) {
        if (!Futures.isDone(written, work.limits().call())) {
            LOG.info("a file system is still writing; what was given back there is settled when it has");
        }
    }

    /** Files that were taken again in the meantime stay on record. */
    private void forgetNow(List<Holdings.Unheld> settled) {
        if (settled.isEmpty()) {
            return;
        }
        Set<Long> told = ledger.others()
                .settled(settled.stream().map(Holdings.Unheld::file).toList());
        ledger.lock().changing(() -> {
            try {
                List<Long> gone = settled.stream()
                        .filter(ledger.holdings()::isStill)
                        .map(unheld -> unheld.file().id())
                        .filter(told::contains)
                        .filter(id -> !ledger.claims().isReverting(id))
                        .toList();
                if (!gone.isEmpty()) {
                    ledger.journal().forget(gone);
                    ledger.holdings().forget(gone);
                }
            } catch (JournalException e) {
                LOG.warn("settled files stay on record: {}", e.getMessage());
            }
        });
    }

    @Override
    public void close() {
        WorkEnd.await(
                executor,
                CLOSING_SECONDS,
                () -> LOG.warn("a file system is still writing; what is not settled stays on record"));
    }
}
