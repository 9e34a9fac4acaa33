package labeler.lifecycle.stop;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import labeler.journal.VmRecord;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.release.Release;
import labeler.problem.Problem;
import labeler.review.Review;
import labeler.review.ReviewThreads;
import labeler.vm.VmName;
import labeler.work.Futures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the VMs that nobody will stop: of an earlier boot, interrupted, or without a process. */
public final class Recovery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Ledger ledger;
    private final Release release;
    private final Settlement settlement;
    private final VmProcesses processes;
    private final VmEnd end;
    private final ReviewThreads reviews;

    @Inject
    Recovery(
            Ledger ledger,
            Release release,
            Settlement settlement,
            VmProcesses processes,
            VmEnd end,
            ReviewThreads reviews) {
        this.ledger = ledger;
        this.release = release;
        this.settlement = settlement;
        this.processes = processes;
        this.end = end;
        this.reviews = reviews;
    }

    /**
     * Claims all VMs that nobody will stop, and watches the others: a VM goes when its process ends. Call this before
     * the first request.
     *
     * @return the claimed VMs, for {@link #recover(List, boolean, boolean)}
     */
    public List<Claims.Claim> begin() {
        end.begin();
        return claimStale();
    }

    /** From now on files that nobody holds are looked after. */
    public void beginSettlement() {
        settlement.start();
    }

    /** A VM that is started and stopped in quick succession leaves one recorded label each time. */
    public void settleIfCrowded() {
        if (ledger.holdings().isCrowded()) {
            settlement.soon();
        }
    }

    /** Claims them, so that nobody has their files before they are given back. */
    private List<Claims.Claim> claimStale() {
        return ledger.lock().holding(() -> {
            List<Claims.Claim> stale = new ArrayList<>();
            for (VmRecord vm : ledger.holdings().vms()) {
                if (ledger.claims().isTaken(vm.name())) {
                    continue;
                }
                if (isStale(vm)) {
                    stale.add(ledger.claims().take(vm.name(), Claims.Doing.ENDING));
                } else {
                    processes.watch(vm);
                }
            }
            return stale;
        });
    }

    /** See {@link VmLifecycle#replaceLostTables}. */
    public void replaceLostTables() {
        settlement.replaceLostTables();
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
    public RecoveryReport recover(List<Claims.Claim> stale, boolean dryRun, boolean forgetLost) {
        List<Future<Optional<StoppedVm>>> ending =
                stale.stream().map(claim -> begin(claim, dryRun)).toList();
        List<StoppedVm> stopped = ending.stream()
                .flatMap(future -> Futures.forResult(future).stream())
                .toList();
        List<VmReport> ended =
                new ArrayList<>(stopped.stream().map(StoppedVm::report).toList());
        if (!dryRun) {
            List<Review> due =
                    new ArrayList<>(stopped.stream().map(StoppedVm::due).toList());
            Set<VmName> names = stale.stream().map(Claims.Claim::name).collect(Collectors.toSet());
            due.addAll(
                    reviews.references().left(name -> ledger.holdings().vm(name).isPresent() || names.contains(name)));
            Map<VmName, List<Problem>> changed = reviews.finish(due);
            ended.replaceAll(report -> report.with(changed.getOrDefault(report.name(), List.of())));
        }
        return new RecoveryReport(ended, settlement.settle(dryRun, forgetLost));
    }

    private Future<Optional<StoppedVm>> begin(Claims.Claim claim, boolean dryRun) {
        try {
            return end.background().submit(() -> recover(claim, dryRun));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // No thread for it, or the service ends. Nobody else could have the VM if it stayed claimed.
            ledger.claims().free(claim);
            return CompletableFuture.completedFuture(Optional.of(notRecovered(claim.name(), e)));
        }
    }

    private Optional<StoppedVm> recover(Claims.Claim claim, boolean dryRun) {
        VmName name = claim.name();
        try {
            return ledger.holdings()
                    .vm(name)
                    .map(vm -> dryRun
                            ? new StoppedVm(release.look(vm), new Review(name, List.of()))
                            : end.stopForReview(vm));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // One VM keeps no other from being looked after. It stays on record, and is tried again.
            return Optional.of(notRecovered(name, e));
        } finally {
            ledger.claims().free(claim);
        }
    }

    private static StoppedVm notRecovered(VmName name, Throwable e) {
        LOG.error("while recovering VM {}", name, e);
        Problem problem = Problem.of(
                Problem.Kind.LABEL_NOT_SET, "unforeseen: " + e + "; it stays on record: run labeler recover");
        return new StoppedVm(
                new VmReport(name, List.of(), List.of(problem), Optional.empty()), new Review(name, List.of()));
    }

    /** Whether nobody will stop it: it is of an earlier boot, was interrupted, or its process has ended. */
    private boolean isStale(VmRecord vm) {
        return !vm.start().bootId().equals(ledger.bootId())
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
        settlement.close();
    }
}
