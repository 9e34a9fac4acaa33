package labeler.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import labeler.apply.Reverter;
import labeler.journal.Journal;
import labeler.journal.VmRecord;
import labeler.launch.Handovers;
import labeler.launch.RuntimeDirectories;
import labeler.problem.Problem;
import labeler.review.Review;
import labeler.review.ReviewThreads;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How VMs end: somebody stops them, their process ends, or a recovery finds that nobody will come to stop them. */
final class Ending implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    /** Earlier labels of a file; each costs a row, and its pair is taken until the file is settled. */
    private static final int CROWDED = 16;

    private final ReentrantLock lock;
    private final Holdings holdings;
    private final Release release;
    private final Settlement settlement;
    private final VmProcesses processes;
    private final RuntimeDirectories runtime;
    private final Handovers handovers;
    private final ReviewThreads reviews;
    private final String bootId;

    Ending(
            ReentrantLock lock,
            Holdings holdings,
            Journal journal,
            Reverter reverter,
            Release release,
            VmProcesses processes,
            RuntimeDirectories runtime,
            Handovers handovers,
            ReviewThreads reviews,
            String bootId) {
        this.lock = lock;
        this.holdings = holdings;
        this.release = release;
        this.settlement = new Settlement(lock, holdings, journal, reverter, release, this::lookAfterTheUnwatched);
        this.processes = processes;
        this.runtime = runtime;
        this.handovers = handovers;
        this.reviews = reviews;
        this.bootId = bootId;
    }

    /** From now on files that nobody holds are looked after. */
    void start() {
        settlement.start();
    }

    /**
     * With the lock held. A process that still runs may have the files open: nobody else may have them, nor its pair, until
     * it has ended.
     */
    VmReport stop(VmRecord vm) {
        if (processes.isAlive(vm)) {
            VmReport report = release.giveBack(vm);
            vm.process().ifPresent(handovers::withdraw);
            processes.watch(vm);
            return report;
        }
        processes.forget(vm.name());
        return end(vm);
    }

    /** With the lock held: for a start that could not be completed once its labels were set. */
    void giveUp(VmRecord vm) {
        processes.forget(vm.name());
        LOG.info("VM {} did not start: {}", vm.name(), summary(endUnwatched(vm)));
    }

    private VmReport end(VmRecord vm) {
        VmReport report = release.release(vm);
        runtime.remove(vm.name());
        vm.process().ifPresent(handovers::withdraw);
        return report;
    }

    /** Nobody waits for what its headers say now. */
    private VmReport endUnwatched(VmRecord vm) {
        Review review = reviews.references().ending(vm.name(), Optional.empty());
        VmReport report = end(vm);
        reviews.finishLater(review);
        return report;
    }

    /** A VM that is started and stopped in quick succession leaves a label of each time to be remembered. */
    void settleIfCrowded() {
        lock.lock();
        try {
            boolean crowded = holdings.unheld().stream()
                    .anyMatch(unheld -> unheld.file().earlier().size() >= CROWDED);
            if (crowded) {
                settlement.soon();
            }
        } finally {
            lock.unlock();
        }
    }

    /** On the watch's thread. The VM may have been stopped, and even started anew, since its process ended. */
    void ended(VmName name) {
        lock.lock();
        try {
            holdings.vm(name).filter(vm -> vm.process().isPresent()).ifPresent(this::releaseIfEnded);
        } finally {
            lock.unlock();
        }
    }

    private void releaseIfEnded(VmRecord vm) {
        if (processes.isAlive(vm)) {
            // A new VM of that name, or a process that was only about to become another program.
            processes.watch(vm);
            return;
        }
        VmReport report = endUnwatched(vm);
        LOG.info("VM {} has ended: {}", vm.name(), summary(report));
    }

    /** VMs whose process could not be watched when it should have been. */
    private void lookAfterTheUnwatched() {
        lock.lock();
        try {
            holdings.vms().stream()
                    .filter(vm -> vm.process().isPresent() && !processes.isWatched(vm))
                    .forEach(this::releaseIfEnded);
        } finally {
            lock.unlock();
        }
    }

    /** What came of a VM's files, in words. */
    static String summary(VmReport report) {
        long reverted = report.count(FileReport.Outcome.REVERTED);
        long stillHeld = report.count(FileReport.Outcome.STILL_HELD);
        return reverted + " labels reverted, " + stillHeld + " files still held by others, "
                + (report.files().size() - reverted - stillHeld) + " to look at";
    }

    /** See {@link VmLifecycle#recover}. */
    RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        List<VmReport> ended = new ArrayList<>();
        List<Review> due = new ArrayList<>();
        lock.lock();
        try {
            for (VmRecord vm : holdings.vms()) {
                if (!isStale(vm)) {
                    processes.watch(vm);
                } else if (dryRun) {
                    ended.add(release.look(vm));
                } else {
                    Review review = reviews.references().ending(vm.name(), Optional.empty());
                    VmReport report = stop(vm);
                    ended.add(report);
                    due.add(report.stillRunning().isPresent() ? review.endingNothing() : review);
                }
            }
            if (!dryRun) {
                due.addAll(reviews.references()
                        .left(name -> holdings.vm(name).isPresent()
                                || due.stream().anyMatch(review -> review.vm().equals(name))));
            }
        } finally {
            lock.unlock();
        }
        Map<VmName, List<Problem>> changed = reviews.finish(due);
        ended.replaceAll(report -> report.with(changed.getOrDefault(report.name(), List.of())));
        return new RecoveryReport(ended, settlement.settle(dryRun, forgetLost));
    }

    /** Whether nobody will come to stop it: it is of an earlier boot, its start or stop was cut off, or its process ended. */
    private boolean isStale(VmRecord vm) {
        return !vm.bootId().equals(bootId)
                || (vm.phase() != VmRecord.Phase.RUNNING && !isWaitedFor(vm))
                || (vm.process().isPresent() && !processes.isAlive(vm));
    }

    /** Whether this service has given its labels back already, and waits for its process to end. */
    private boolean isWaitedFor(VmRecord vm) {
        return isStopped(vm) && processes.isWatched(vm);
    }

    /** Whether its labels are back, and its process runs on. */
    boolean isStopped(VmRecord vm) {
        return vm.phase() == VmRecord.Phase.STOPPING && processes.isAlive(vm);
    }

    @Override
    public void close() {
        settlement.close();
    }
}
