package labeler.lifecycle.stop;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Function;
import labeler.journal.VmRecord;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.StopOutcome;
import labeler.lifecycle.StopRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Futures;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.hold.VmProcesses;
import labeler.problem.Problem;
import labeler.review.Review;
import labeler.review.ReviewThreads;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends VMs: one that somebody stops, and, in a recovery, those that nobody will stop. */
public final class VmStop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VmStop.class);

    private final Ledger ledger;
    private final Release release;
    private final ReversionSync sync;
    private final VmProcesses processes;
    private final VmEnd end;
    private final ReviewThreads reviews;
    private final LibvirtCleanup leaving;

    @Inject
    VmStop(
            Ledger ledger,
            Release release,
            ReversionSync sync,
            VmProcesses processes,
            VmEnd end,
            ReviewThreads reviews,
            LibvirtCleanup leaving) {
        this.ledger = ledger;
        this.release = release;
        this.sync = sync;
        this.processes = processes;
        this.end = end;
        this.reviews = reviews;
        this.leaving = leaving;
    }

    /**
     * Claims all VMs that nobody will stop, and watches the others: a VM goes when its process ends. Call this before
     * the first request.
     *
     * @return the claimed VMs, for {@link #recover(List, boolean, boolean)}
     */
    public List<VmName> begin() {
        end.begin();
        return claimStale();
    }

    /** From now on files that nobody holds are looked after. */
    public void beginSync() {
        sync.start();
    }

    /** A VM that was stopped, and its headers, which are to be read again. */
    private record Stopped(VmReport report, Review review) {
        private Review due() {
            return report.stillRunning().isPresent() ? review.endingNothing() : review;
        }

        private Stopped joinedBy(LibvirtCleanup.Left left) {
            return new Stopped(report.joinedBy(left.files()).with(left.problems()), review);
        }
    }

    /**
     * Gives a VM's labels back, and reports the headers of its images afterwards; empty if there is no such VM.
     *
     * @param last the domain as libvirt describes it at its release
     */
    public Optional<VmReport> stop(VmName name, Optional<VmDefinition> last) {
        return stop(name, last, _ -> Optional.empty()).map(outcome -> switch (outcome) {
            case StopOutcome.Stopped(VmReport report) -> report;
            case StopOutcome.NotStopped(Problem problem) -> report(name, problem);
        });
    }

    /** The same, unless the VM's process runs and the request has another wish for that. */
    public Optional<StopOutcome> stop(StopRequest request) {
        return stop(request.name(), Optional.empty(), vm -> switch (request.running()) {
            case GIVE_BACK -> Optional.empty();
            case REFUSE -> processes.isAlive(vm) ? Optional.of(VmProcesses.runs(vm)) : Optional.empty();
            case END_IT -> processes.end(vm, request.uid());
        });
    }

    /**
     * The same, unless there is a hindrance.
     *
     * @param hindrance with the VM's claim: why it is not to be stopped now
     */
    public Optional<StopOutcome> stop(
            VmName name, Optional<VmDefinition> last, Function<VmRecord, Optional<Problem>> hindrance) {
        if (ledger.holdings().vm(name).isEmpty()) {
            return Optional.empty();
        }
        Optional<Problem> obstacle = ledger.lock().holding(() -> ledger.claims().await(name, Claims.Doing.ENDING));
        if (obstacle.isPresent()) {
            return Optional.of(new StopOutcome.Stopped(report(name, obstacle.get())));
        }
        Optional<Stopped> stopped;
        try {
            Optional<VmRecord> found = ledger.holdings().vm(name);
            Optional<Problem> hindered = found.flatMap(hindrance);
            if (hindered.isPresent()) {
                return Optional.of(new StopOutcome.NotStopped(hindered.get()));
            }
            stopped = found.map(vm -> {
                LibvirtCleanup.Left left = leaving.lookAfter(vm, last);
                return stopAndReview(vm).joinedBy(left);
            });
        } finally {
            ledger.claims().free(name);
        }
        return stopped.map(vm -> new StopOutcome.Stopped(vm.report().with(reviews.finish(vm.due(), last))));
    }

    private static VmReport report(VmName name, Problem problem) {
        return new VmReport(name, List.of(), List.of(problem), Optional.empty());
    }

    private Stopped stopAndReview(VmRecord vm) {
        Review review = reviews.references().ending(vm.name(), Optional.empty());
        return new Stopped(end.stop(vm), review);
    }

    /** A VM that is started and stopped in quick succession leaves one recorded label each time. */
    public void settleIfCrowded() {
        if (ledger.holdings().isCrowded()) {
            sync.soon();
        }
    }

    /** Claims them, so that nobody has their files before they are given back. */
    private List<VmName> claimStale() {
        return ledger.lock().holding(() -> {
            List<VmName> stale = new ArrayList<>();
            for (VmRecord vm : ledger.holdings().vms()) {
                if (ledger.claims().isTaken(vm.name())) {
                    continue;
                }
                if (isStale(vm)) {
                    ledger.claims().take(vm.name(), Claims.Doing.ENDING);
                    stale.add(vm.name());
                } else {
                    processes.watch(vm);
                }
            }
            return stale;
        });
    }

    /** See {@link VmLifecycle#replaceLostTables}. */
    public void replaceLostTables() {
        sync.replaceLostTables();
    }

    /** See {@link VmLifecycle#recover}. */
    public RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        return recover(claimStale(), dryRun, forgetLost);
    }

    /**
     * Looks after all VMs.
     *
     * @param stale the VMs claimed by {@link #begin}
     */
    public RecoveryReport recover(List<VmName> stale, boolean dryRun, boolean forgetLost) {
        List<Future<Optional<Stopped>>> ending = stale.stream()
                .map(name -> end.background().submit(() -> recover(name, dryRun)))
                .toList();
        List<Stopped> stopped = ending.stream()
                .flatMap(future -> Futures.forResult(future).stream())
                .toList();
        List<VmReport> ended =
                new ArrayList<>(stopped.stream().map(Stopped::report).toList());
        if (!dryRun) {
            List<Review> due =
                    new ArrayList<>(stopped.stream().map(Stopped::due).toList());
            due.addAll(
                    reviews.references().left(name -> ledger.holdings().vm(name).isPresent() || stale.contains(name)));
            Map<VmName, List<Problem>> changed = reviews.finish(due);
            ended.replaceAll(report -> report.with(changed.getOrDefault(report.name(), List.of())));
        }
        return new RecoveryReport(ended, sync.settle(dryRun, forgetLost));
    }

    private Optional<Stopped> recover(VmName name, boolean dryRun) {
        try {
            return ledger.holdings()
                    .vm(name)
                    .map(vm -> dryRun ? new Stopped(release.look(vm), new Review(name, List.of())) : stopAndReview(vm));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // One VM keeps no other from being looked after. It stays on record, and is tried again.
            LOG.error("while recovering VM {}", name, e);
            Problem problem = Problem.of(
                    Problem.Kind.LABEL_NOT_SET, "unforeseen: " + e + "; it stays on record: run labeler recover");
            return Optional.of(new Stopped(
                    new VmReport(name, List.of(), List.of(problem), Optional.empty()), new Review(name, List.of())));
        } finally {
            ledger.claims().free(name);
        }
    }

    /** Whether nobody will stop it: it is of an earlier boot, was interrupted, or its process has ended. */
    private boolean isStale(VmRecord vm) {
        return !vm.bootId().equals(ledger.bootId())
                || (vm.phase() != VmRecord.Phase.RUNNING && !isWaitedFor(vm))
                || (vm.process().isPresent() && !processes.isAlive(vm));
    }

    /** Whether this service has given its labels back already and waits for its process to end. */
    private boolean isWaitedFor(VmRecord vm) {
        return processes.isStopped(vm) && processes.isWatched(vm);
    }

    @Override
    public void close() {
        end.close();
        sync.close();
    }
}
