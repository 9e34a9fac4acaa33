package labeler.lifecycle.stop;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditLog;
import labeler.journal.VmRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.release.Release;
import labeler.problem.Problem;
import labeler.review.Review;
import labeler.review.ReviewThreads;
import labeler.vm.VmName;
import labeler.work.WaitLimits;
import labeler.work.WorkEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of one VM, whoever notices it: gives its labels back, and removes its directory and descriptors. */
public final class VmEnd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VmEnd.class);

    /** VMs that are ending now are given back. If a file system delays this, the next service finds them on record. */
    private static final long CLOSING_SECONDS = 5;

    private final Ledger ledger;
    private final Release release;
    private final VmProcesses processes;
    private final VmBelongings belongings;
    private final ReviewThreads reviews;
    private final AuditLog audit;
    private final LibvirtCleanup leaving;

    /** For each VM whose process has ended, one thread that waits for its file systems. */
    private final ExecutorService background = Executors.newFixedThreadPool(
            WaitLimits.MOST_WAITING, Thread.ofVirtual().name("ending-", 0).factory());

    @Inject
    VmEnd(
            Ledger ledger,
            Release release,
            VmProcesses processes,
            VmBelongings belongings,
            ReviewThreads reviews,
            AuditLog audit,
            LibvirtCleanup leaving) {
        this.ledger = ledger;
        this.release = release;
        this.processes = processes;
        this.belongings = belongings;
        this.reviews = reviews;
        this.audit = audit;
        this.leaving = leaving;
    }

    /** From now on a VM goes when its process ends. */
    void begin() {
        processes.begin(this::ended);
    }

    /** Threads that wait for file systems, until the service ends. */
    ExecutorService background() {
        return background;
    }

    /**
     * Stops the VM. Runs with the VM's claim. A process that still runs may have the files open. So nobody else may
     * have the files or the pair until it has ended.
     */
    private VmReport stop(VmRecord vm) {
        if (processes.isAlive(vm)) {
            VmReport report = release.giveBack(vm);
            belongings.withdraw(vm);
            processes.watch(vm);
            return report;
        }
        processes.forget(vm.name());
        return end(vm, "stopped");
    }

    /** The same; the caller reads the headers again. */
    StoppedVm stopForReview(VmRecord vm) {
        Review review = reviews.references().ending(vm.name(), Optional.empty());
        return new StoppedVm(stop(vm), review);
    }

    /** @param how it came to its end, in a few words */
    private VmReport end(VmRecord vm, String how) {
        // In this order: a VM that is not on record any more has nothing left.
        belongings.remove(vm);
        LibvirtCleanup.Looked looked = leaving.lookAtRecorded(vm);
        VmReport report = looked.joining(release.release(vm, looked.seen()));
        audit.add(AuditEntry.of(AuditEvent.VM_STOPPED, vm.name()).saying(how + ": " + summary(report)));
        return report;
    }

    /** Nobody waits for the headers here. */
    private VmReport endUnwatched(VmRecord vm, String how) {
        Review review = reviews.references().ending(vm.name(), Optional.empty());
        VmReport report = end(vm, how);
        reviews.finishLater(review);
        return report;
    }

    /** Ends a start that could not be completed once its labels were set. */
    public void giveUp(VmRecord started) {
        VmName name = started.name();
        whenFree(
                        name,
                        () -> started(started).ifPresent(vm -> {
                            processes.forget(name);
                            LOG.info("VM {} did not start: {}", name, summary(endUnwatched(vm, "it did not start")));
                        }))
                .ifPresent(
                        problem -> LOG.warn("VM {} did not start, and stays on record: {}", name, problem.message()));
    }

    /** The VM of this very start, in its present state: a disk may have joined it. */
    public Optional<VmRecord> started(VmRecord started) {
        return ledger.holdings()
                .vm(started.name())
                .filter(vm -> vm.phase() == VmRecord.Phase.RUNNING
                        && vm.process().equals(started.process())
                        && vm.contexts().equals(started.contexts()));
    }

    /** Does this with the VM's claim; or answers who has the claim. */
    private Optional<Problem> whenFree(VmName name, Runnable action) {
        return ledger.claims()
                .having(
                        name,
                        Claims.Doing.ENDING,
                        () -> {
                            action.run();
                            return Optional.empty();
                        },
                        Optional::of);
    }

    /** Runs on the watch's thread, which may not wait. The VM may have been stopped, or started again, by now. */
    private void ended(VmName name) {
        try {
            background.execute(() -> releaseIfEnded(name));
        } catch (RejectedExecutionException e) {
            // The service stops, and the next one finds the VM on record.
            LOG.info("VM {} has ended, and is left to the next service", name);
        }
    }

    private void releaseIfEnded(VmName name) {
        try {
            whenFree(
                            name,
                            () -> ledger.holdings()
                                    .vm(name)
                                    .filter(vm -> vm.process().isPresent())
                                    .ifPresent(this::releaseIfEnded))
                    .ifPresent(problem ->
                            LOG.info("VM {}: its end is looked at again later: {}", name, problem.message()));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // A jar replaced under the running service, for example. The round over unwatched VMs will try again.
            LOG.error("after the end of VM {}", name, e);
        }
    }

    private void releaseIfEnded(VmRecord vm) {
        if (processes.isAlive(vm)) {
            // A new VM of that name, or a process that had only not yet become another program.
            processes.watch(vm);
            return;
        }
        VmReport report = endUnwatched(vm, "its process has ended");
        LOG.info("VM {} has ended: {}", vm.name(), summary(report));
    }

    /** Tries again to watch processes that could not be watched. */
    void lookAfterTheUnwatched() {
        List<VmName> unwatched = ledger.lock()
                .holding(() -> ledger.holdings().vms().stream()
                        .filter(vm -> vm.process().isPresent()
                                && !processes.isWatched(vm)
                                && !ledger.claims().isTaken(vm.name()))
                        .map(VmRecord::name)
                        .toList());
        unwatched.forEach(this::ended);
    }

    /** The result for a VM's files, in words. */
    public static String summary(VmReport report) {
        long reverted = report.count(FileReport.Outcome.REVERTED);
        long stillHeld = report.count(FileReport.Outcome.STILL_HELD);
        return reverted + " labels reverted, " + stillHeld + " files still held by others, "
                + (report.files().size() - reverted - stillHeld) + " to look at";
    }

    @Override
    public void close() {
        WorkEnd.await(
                background, CLOSING_SECONDS, () -> LOG.warn("VMs that have just ended are left to the next service"));
    }
}
