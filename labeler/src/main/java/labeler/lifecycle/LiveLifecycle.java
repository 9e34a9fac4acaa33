package labeler.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import labeler.apply.Labels;
import labeler.apply.PlanApplier;
import labeler.apply.Reverter;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.launch.Allowance;
import labeler.launch.LandlockPolicy;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.selinux.SelinuxHost;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lifecycle over a real journal and kernel. Images are opened and parsed by many threads at once; from the plan to
 * the last label one VM at a time, so that what the plan saw still holds when it is carried out.
 */
public final class LiveLifecycle implements VmLifecycle, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveLifecycle.class);

    /** Earlier labels of a file; each costs a row, and its pair is taken until the file is settled. */
    private static final int CROWDED = 16;

    private final Linux linux;
    private final Journal journal;
    private final FileSetBuilder fileSets;
    private final Preparation preparation;
    private final PlanApplier applier;
    private final LandlockPolicy landlock;
    private final Walls walls;
    private final Holdings holdings;
    private final Release release;
    private final Inspection inspection;
    private final Settlement settlement;
    private final VmProcesses processes;
    private final String bootId;

    /** Fair: 64 starts at once are served in their order. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private LiveLifecycle(
            Linux linux,
            Journal journal,
            FileSetBuilder fileSets,
            Preparation preparation,
            SelinuxHost selinux,
            Enforcement enforcement,
            LandlockPolicy landlock)
            throws JournalException, LinuxException {
        this.linux = linux;
        this.journal = journal;
        this.fileSets = fileSets;
        this.preparation = preparation;
        this.landlock = landlock;
        this.walls = new Walls(selinux, enforcement, landlock, linux.exec(), linux.processes());
        Labels labels = new Labels(linux.attributes(), linux.fileSystems());
        Reverter reverter = new Reverter(linux.open(), linux.handles(), labels);
        this.applier = new PlanApplier(labels);
        this.holdings = new Holdings(journal.load());
        this.release = new Release(holdings, journal, reverter);
        this.inspection = new Inspection(holdings, reverter, labels, walls, selinux);
        this.settlement = new Settlement(
                lock, holdings, journal, reverter, release, linux.fileSystems(), this::lookAfterTheUnwatched);
        this.bootId = linux.processes().bootId();
        this.processes = new VmProcesses(linux.processes(), bootId, this::ended);
    }

    /**
     * Loads the journal and recovers from whatever the last service left.
     *
     * @throws JournalException if the journal cannot be read: nothing is labelled without one
     */
    public static LiveLifecycle open(
            Linux linux,
            Journal journal,
            FileSetBuilder fileSets,
            Preparation preparation,
            SelinuxHost selinux,
            Enforcement enforcement,
            LandlockPolicy landlock)
            throws JournalException, LinuxException {
        LiveLifecycle lifecycle =
                new LiveLifecycle(linux, journal, fileSets, preparation, selinux, enforcement, landlock);
        RecoveryReport report = lifecycle.recover(false, false);
        report.ended().forEach(vm -> LOG.info("recovered VM {}: it runs no more, its labels are back", vm.name()));
        lifecycle.settlement.start();
        return lifecycle;
    }

    @Override
    public PlanOutcome plan(StartRequest request) {
        try (FileSet files = fileSets.build(request.definition())) {
            lock.lock();
            try {
                return switch (preparation.prepare(request, files, holdings, holdings.pairs())) {
                    case Preparation.Ready(Preparation.Prepared prepared) ->
                        new PlanOutcome.Planned(Views.planned(
                                request,
                                files,
                                prepared.contexts(),
                                prepared.plan(),
                                walls.of(request, prepared.contexts().process()),
                                walls.problems(request, prepared.contexts().process())));
                    case Preparation.NoLevel(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
                };
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public StartOutcome start(StartRequest request) {
        try (FileSet files = fileSets.build(request.definition())) {
            if (!files.problems().isEmpty()) {
                return new StartOutcome.NotStarted(files.problems());
            }
            lock.lock();
            try {
                return start(request, files);
            } finally {
                lock.unlock();
            }
        }
    }

    private StartOutcome start(StartRequest request, FileSet files) {
        Optional<VmRecord> held = holdings.vm(request.name());
        if (held.isPresent()) {
            return refused(Problem.Kind.ALREADY_RUNNING, alreadyHeld(held.get()));
        }
        return switch (preparation.prepare(request, files, holdings, holdings.pairs())) {
            case Preparation.NoLevel(Problem problem) -> new StartOutcome.NotStarted(List.of(problem));
            case Preparation.Ready(Preparation.Prepared prepared) -> {
                List<Problem> problems =
                        walls.problems(request, prepared.contexts().process());
                if (problems.isEmpty()) {
                    problems = prepared.plan().problems();
                }
                yield problems.isEmpty()
                        ? startPlanned(request, files, prepared)
                        : new StartOutcome.NotStarted(problems);
            }
        };
    }

    private String alreadyHeld(VmRecord vm) {
        return vm.phase() == VmRecord.Phase.STOPPING && processes.isAlive(vm)
                ? stillRuns(vm)
                : "a VM named " + vm.name() + " is held already; stop it first (labeler stop)";
    }

    private static String stillRuns(VmRecord vm) {
        return "VM " + vm.name() + " was stopped, and its process "
                + vm.process().map(ProcessIdentity::pid).orElseThrow() + " still runs; end that first";
    }

    private StartOutcome startPlanned(StartRequest request, FileSet files, Preparation.Prepared prepared) {
        Optional<VmProcesses.Claimed> claimed = Optional.empty();
        if (request.pid().isPresent()) {
            try {
                claimed = Optional.of(processes.claim(request.pid().get()));
            } catch (LinuxException e) {
                return refused(
                        Problem.Kind.PROCESS_ENDED,
                        "no process " + request.pid().get() + " (" + e.getMessage() + ")");
            }
        }
        boolean started = false;
        try {
            List<Problem> problems = new Start(holdings, journal, applier, linux.open(), linux.handles(), bootId)
                    .run(
                            request,
                            files,
                            prepared,
                            claimed.map(VmProcesses.Claimed::identity),
                            walls.hasLandlock(request));
            if (!problems.isEmpty()) {
                return new StartOutcome.NotStarted(problems);
            }
            claimed.ifPresent(process -> processes.watch(request.name(), process.pidfd()));
            started = true;
        } finally {
            if (!started) {
                claimed.ifPresent(process -> process.pidfd().close());
            }
        }
        VmRecord vm = holdings.vm(request.name()).orElseThrow();
        Set<Wall> standing = walls.of(request, vm.contexts().process());
        if (standing.isEmpty()) {
            LOG.warn("VM {}: its labels are written, and nothing enforces them", request.name());
        }
        List<Allowance> allowances =
                vm.landlock() ? landlock.allowances(prepared.plan().files()) : List.of();
        return new StartOutcome.Started(Views.held(vm, holdings, standing, allowances, files.warnings()));
    }

    private static StartOutcome refused(Problem.Kind kind, String message) {
        return new StartOutcome.NotStarted(List.of(problem(kind, message)));
    }

    private static Problem problem(Problem.Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }

    @Override
    public Optional<VmReport> stop(VmName name) {
        Optional<VmReport> report = locked(name, this::stop);
        settleIfCrowded();
        return report;
    }

    /** A process that still runs may have the files open: nobody else may have them, nor its pair, until it has ended. */
    private VmReport stop(VmRecord vm) {
        if (processes.isAlive(vm)) {
            VmReport report = release.giveBack(vm);
            processes.watch(vm);
            return report;
        }
        processes.forget(vm.name());
        return release.release(vm);
    }

    /** A VM that is started and stopped in quick succession leaves a label of each time to be remembered. */
    private void settleIfCrowded() {
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
    private void ended(VmName name) {
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
        VmReport report = release.release(vm);
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

    private static String summary(VmReport report) {
        long reverted = report.count(FileReport.Outcome.REVERTED);
        long stillHeld = report.count(FileReport.Outcome.STILL_HELD);
        return reverted + " labels reverted, " + stillHeld + " files still held by others, "
                + (report.files().size() - reverted - stillHeld) + " to look at";
    }

    @Override
    public Optional<VmView> status(VmName name) {
        return locked(name, this::view);
    }

    @Override
    public List<VmView> status() {
        lock.lock();
        try {
            return holdings.vms().stream().map(this::view).toList();
        } finally {
            lock.unlock();
        }
    }

    private VmView view(VmRecord vm) {
        return Views.held(vm, holdings, walls.of(vm), List.of(), List.of());
    }

    @Override
    public Optional<VmReport> relabel(VmName name, boolean dryRun) {
        return locked(name, vm -> isStopped(vm) ? stoppedReport(vm) : inspection.relabel(vm, dryRun));
    }

    @Override
    public Optional<VmReport> verify(VmName name) {
        return locked(name, vm -> isStopped(vm) ? stoppedReport(vm) : inspection.verify(vm));
    }

    private boolean isStopped(VmRecord vm) {
        return vm.phase() == VmRecord.Phase.STOPPING && processes.isAlive(vm);
    }

    private static VmReport stoppedReport(VmRecord vm) {
        return new VmReport(
                vm.name(), List.of(), List.of(problem(Problem.Kind.STILL_RUNNING, stillRuns(vm))), Optional.empty());
    }

    @Override
    public RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        List<VmReport> ended = new ArrayList<>();
        lock.lock();
        try {
            for (VmRecord vm : holdings.vms()) {
                if (!isStale(vm)) {
                    processes.watch(vm);
                } else if (dryRun) {
                    ended.add(release.look(vm));
                } else {
                    ended.add(stop(vm));
                }
            }
        } finally {
            lock.unlock();
        }
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

    private <T> Optional<T> locked(VmName name, Function<VmRecord, T> answer) {
        lock.lock();
        try {
            return holdings.vm(name).map(answer);
        } finally {
            lock.unlock();
        }
    }

    /** VMs stay as they are: the next service takes them over. */
    @Override
    public void close() throws JournalException {
        settlement.close();
        processes.close();
        lock.lock();
        try {
            journal.close();
        } finally {
            lock.unlock();
        }
    }
}
