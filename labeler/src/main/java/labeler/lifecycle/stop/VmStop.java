package labeler.lifecycle.stop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import labeler.journal.VmRecord;
import labeler.launch.Handovers;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.hold.Waiting;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.review.Review;
import labeler.review.ReviewThreads;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How VMs end: somebody stops them, their process ends, or a recovery finds that nobody will come to stop them. */
public final class VmStop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VmStop.class);

    /** Earlier labels of a file; each costs a row, and its pair is taken until the file is settled. */
    private static final int CROWDED = 16;

    /** VMs that end just now are given back; what a file system keeps from it the next service finds on record. */
    private static final long CLOSING_SECONDS = 5;

    private final Ledger ledger;
    private final Release release;
    private final ReversionSync sync;
    private final VmProcesses processes;
    private final RuntimeDirectories runtime;
    private final Handovers handovers;
    private final ReviewThreads reviews;

    /** For each VM whose process has ended, one that waits for its file systems. */
    private final ExecutorService background = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("ending-", 0).factory());

    public VmStop(
            Ledger ledger,
            Release release,
            ReversionSync sync,
            VmProcesses processes,
            RuntimeDirectories runtime,
            Handovers handovers,
            ReviewThreads reviews) {
        this.ledger = ledger;
        this.release = release;
        this.sync = sync;
        this.processes = processes;
        this.runtime = runtime;
        this.handovers = handovers;
        this.reviews = reviews;
    }

    /** From now on files that nobody holds are looked after. */
    public void begin() {
        sync.start();
    }

    /** A VM that was stopped, and its headers, which are to be read again. */
    private record Stopped(VmReport report, Review review) {
        private Review due() {
            return report.stillRunning().isPresent() ? review.endingNothing() : review;
        }

        private Stopped joinedBy(Leaving.Left left) {
            return new Stopped(report.joinedBy(left.files()).with(left.problems()), review);
        }
    }

    /**
     * Gives a VM's labels back, and says what the headers of its images say afterwards; empty if there is no such VM.
     *
     * @param last what libvirt says of the domain as it releases it
     * @param before done first, with the VM's claim
     */
    public Optional<VmReport> stop(VmName name, Optional<VmDefinition> last, Function<VmRecord, Leaving.Left> before) {
        if (ledger.holdings().vm(name).isEmpty()) {
            return Optional.empty();
        }
        Optional<Problem> obstacle = ledger.lock().holding(() -> ledger.claims().await(name, Claims.Doing.ENDING));
        if (obstacle.isPresent()) {
            return Optional.of(new VmReport(name, List.of(), List.of(obstacle.get()), Optional.empty()));
        }
        Optional<Stopped> stopped;
        try {
            stopped = ledger.holdings().vm(name).map(vm -> {
                Leaving.Left left = before.apply(vm);
                return stopAndReview(vm).joinedBy(left);
            });
        } finally {
            ledger.claims().free(name);
        }
        return stopped.map(vm -> vm.report().with(reviews.finish(vm.due(), last)));
    }

    private Stopped stopAndReview(VmRecord vm) {
        Review review = reviews.references().ending(vm.name(), Optional.empty());
        return new Stopped(stop(vm), review);
    }

    /**
     * With the VM's claim. A process that still runs may have the files open: nobody else may have them, nor its pair, until
     * it has ended.
     */
    private VmReport stop(VmRecord vm) {
        if (processes.isAlive(vm)) {
            VmReport report = release.giveBack(vm);
            vm.process().ifPresent(handovers::withdraw);
            processes.watch(vm);
            return report;
        }
        processes.forget(vm.name());
        return end(vm);
    }

    /** For a start that could not be completed once its labels were set. */
    public void giveUp(VmRecord started) {
        VmName name = started.name();
        boolean _ = ledger.claims()
                .having(
                        name,
                        Claims.Doing.ENDING,
                        () -> {
                            ledger.holdings()
                                    .vm(name)
                                    .filter(vm -> vm.phase() == VmRecord.Phase.RUNNING && isOfOneStart(vm, started))
                                    .ifPresent(vm -> {
                                        processes.forget(name);
                                        LOG.info("VM {} did not start: {}", name, summary(endUnwatched(vm)));
                                    });
                            return true;
                        },
                        problem -> {
                            LOG.warn("VM {} did not start, and stays on record: {}", name, problem.message());
                            return false;
                        });
    }

    public boolean isOfOneStart(VmRecord vm, VmRecord started) {
        return vm.process().equals(started.process()) && vm.contexts().equals(started.contexts());
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
    public void settleIfCrowded() {
        boolean crowded = ledger.holdings().unheld().stream()
                .anyMatch(unheld -> unheld.file().earlier().size() >= CROWDED);
        if (crowded) {
            sync.soon();
        }
    }

    /** On the watch's thread, which may not wait. The VM may have been stopped, and even started anew, meanwhile. */
    public void ended(VmName name) {
        try {
            background.execute(() -> releaseIfEnded(name));
        } catch (RejectedExecutionException e) {
            // The service stops, and the next one finds the VM on record.
            LOG.info("VM {} has ended, and is left to the next service", name);
        }
    }

    private void releaseIfEnded(VmName name) {
        try {
            Optional<Problem> obstacle = ledger.claims()
                    .having(
                            name,
                            Claims.Doing.ENDING,
                            () -> {
                                ledger.holdings()
                                        .vm(name)
                                        .filter(vm -> vm.process().isPresent())
                                        .ifPresent(this::releaseIfEnded);
                                return Optional.<Problem>empty();
                            },
                            Optional::of);
            obstacle.ifPresent(
                    problem -> LOG.info("VM {}: its end is looked at again later: {}", name, problem.message()));
        } catch (RuntimeException | LinkageError e) {
            // A jar replaced under the running service, say; whoever looks after unwatched VMs comes by again.
            LOG.error("after the end of VM {}", name, e);
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
    public void lookAfterTheUnwatched() {
        List<VmName> unwatched = ledger.lock()
                .holding(() -> ledger.holdings().vms().stream()
                        .filter(vm -> vm.process().isPresent()
                                && !processes.isWatched(vm)
                                && !ledger.claims().isTaken(vm.name()))
                        .map(VmRecord::name)
                        .toList());
        unwatched.forEach(this::ended);
    }

    /** What came of a VM's files, in words. */
    static String summary(VmReport report) {
        long reverted = report.count(FileReport.Outcome.REVERTED);
        long stillHeld = report.count(FileReport.Outcome.STILL_HELD);
        return reverted + " labels reverted, " + stillHeld + " files still held by others, "
                + (report.files().size() - reverted - stillHeld) + " to look at";
    }

    /** Takes all VMs that nobody will come to stop, so that nobody has their files before they are given back. */
    public List<VmName> claimStale() {
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

    /** See {@link VmLifecycle#recover}. */
    public RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        return recover(claimStale(), dryRun, forgetLost);
    }

    /**
     * Looks after all VMs.
     *
     * @param stale taken by {@link #claimStale}
     */
    public RecoveryReport recover(List<VmName> stale, boolean dryRun, boolean forgetLost) {
        List<Future<Optional<Stopped>>> ending = stale.stream()
                .map(name -> background.submit(() -> recover(name, dryRun)))
                .toList();
        List<Stopped> stopped = ending.stream()
                .flatMap(future -> Waiting.forResult(future).stream())
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
        } finally {
            ledger.claims().free(name);
        }
    }

    /** Whether nobody will come to stop it: it is of an earlier boot, its start or stop was cut off, or its process ended. */
    private boolean isStale(VmRecord vm) {
        return !vm.bootId().equals(ledger.bootId())
                || (vm.phase() != VmRecord.Phase.RUNNING && !isWaitedFor(vm))
                || (vm.process().isPresent() && !processes.isAlive(vm));
    }

    /** Whether this service has given its labels back already, and waits for its process to end. */
    private boolean isWaitedFor(VmRecord vm) {
        return isStopped(vm) && processes.isWatched(vm);
    }

    /** Whether its labels are back, and its process runs on. */
    public boolean isStopped(VmRecord vm) {
        return vm.phase() == VmRecord.Phase.STOPPING && processes.isAlive(vm);
    }

    public static String stillRuns(VmRecord vm) {
        return "VM " + vm.name() + " was stopped, and its process "
                + vm.process().map(ProcessIdentity::pid).orElseThrow() + " still runs; end that first";
    }

    @Override
    public void close() {
        background.shutdown();
        try {
            if (!background.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("VMs that have just ended are left to the next service");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sync.close();
    }
}
