package labeler.lifecycle;

import java.util.ArrayList;
import java.util.EnumSet;
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
import labeler.launch.ProcessWatch;
import labeler.linux.Descriptor;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
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
    private final SelinuxHost selinux;
    private final Enforcement enforcement;
    private final LandlockPolicy landlock;
    private final Holdings holdings;
    private final Release release;
    private final Inspection inspection;
    private final Settlement settlement;
    private final ProcessWatch watch;
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
        this.selinux = selinux;
        this.enforcement = enforcement;
        this.landlock = landlock;
        Labels labels = new Labels(linux.attributes(), linux.fileSystems());
        Reverter reverter = new Reverter(linux.open(), labels);
        this.applier = new PlanApplier(labels);
        this.holdings = new Holdings(journal.load());
        this.release = new Release(holdings, journal, reverter);
        this.inspection = new Inspection(holdings, reverter, labels, linux.processes(), selinux);
        this.settlement = new Settlement(lock, holdings, journal, reverter, release, linux);
        this.bootId = linux.processes().bootId();
        this.watch = ProcessWatch.start(linux.processes(), this::ended);
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
        RecoveryReport report = lifecycle.recover(false);
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
                                walls(request),
                                wallProblems(request)));
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
        List<Problem> wallProblems = wallProblems(request);
        if (!wallProblems.isEmpty()) {
            return new StartOutcome.NotStarted(wallProblems);
        }
        if (holdings.vm(request.name()).isPresent()) {
            return refused(
                    Problem.Kind.ALREADY_RUNNING,
                    "a VM named " + request.name() + " is held already; stop it first (labeler stop)");
        }
        return switch (preparation.prepare(request, files, holdings, holdings.pairs())) {
            case Preparation.NoLevel(Problem problem) -> new StartOutcome.NotStarted(List.of(problem));
            case Preparation.Ready(Preparation.Prepared prepared) ->
                prepared.plan().problems().isEmpty()
                        ? startPlanned(request, files, prepared)
                        : new StartOutcome.NotStarted(prepared.plan().problems());
        };
    }

    private StartOutcome startPlanned(StartRequest request, FileSet files, Preparation.Prepared prepared) {
        Optional<Descriptor> pidfd = Optional.empty();
        Optional<ProcessIdentity> process = Optional.empty();
        if (request.pid().isPresent()) {
            Pid pid = request.pid().get();
            try {
                // First the descriptor, then the start time: in this order both are of one process.
                pidfd = Optional.of(linux.processes().open(pid));
            } catch (LinuxException e) {
                return refused(Problem.Kind.PROCESS_ENDED, "no process " + pid + " (" + e.getMessage() + ")");
            }
            process = linux.processes().identify(pid);
            if (process.isEmpty()) {
                pidfd.get().close();
                return refused(Problem.Kind.PROCESS_ENDED, "process " + pid + " has ended");
            }
        }
        List<Problem> problems = new Start(holdings, journal, applier, linux.open(), bootId)
                .run(request, files, prepared, process, walls(request).contains(Wall.LANDLOCK));
        if (!problems.isEmpty()) {
            pidfd.ifPresent(Descriptor::close);
            return new StartOutcome.NotStarted(problems);
        }
        pidfd.ifPresent(descriptor -> watch.add(request.name(), descriptor));
        VmRecord vm = holdings.vm(request.name()).orElseThrow();
        Set<Wall> walls = walls(vm);
        if (walls.isEmpty()) {
            LOG.warn("VM {}: its labels are written, and nothing enforces them", request.name());
        }
        List<Allowance> allowances =
                vm.landlock() ? landlock.allowances(prepared.plan().files()) : List.of();
        return new StartOutcome.Started(Views.held(vm, holdings, walls, allowances, files.warnings()));
    }

    private static StartOutcome refused(Problem.Kind kind, String message) {
        return new StartOutcome.NotStarted(List.of(new Problem(kind, Optional.empty(), message)));
    }

    /** What will stand around a VM that is started so. */
    private Set<Wall> walls(StartRequest request) {
        return walls(request.launch() == StartRequest.Launch.RUN && hasLandlock());
    }

    private Set<Wall> walls(VmRecord vm) {
        return walls(vm.landlock());
    }

    private Set<Wall> walls(boolean withLandlock) {
        Set<Wall> walls = EnumSet.noneOf(Wall.class);
        if (selinux.mode() == SelinuxHost.Mode.ENFORCING) {
            walls.add(Wall.SELINUX);
        }
        if (withLandlock) {
            walls.add(Wall.LANDLOCK);
        }
        return walls;
    }

    private boolean hasLandlock() {
        if (landlock.mode() == LandlockPolicy.Mode.OFF) {
            return false;
        }
        try {
            return linux.exec().landlockVersion() > 0;
        } catch (LinuxException e) {
            LOG.warn("whether there is Landlock cannot be told: {}", e.getMessage());
            return false;
        }
    }

    private List<Problem> wallProblems(StartRequest request) {
        Set<Wall> walls = walls(request);
        boolean lacksLandlock = landlock.mode() == LandlockPolicy.Mode.ON
                && request.launch() == StartRequest.Launch.RUN
                && !walls.contains(Wall.LANDLOCK);
        if (lacksLandlock) {
            return List.of(
                    noWall("this kernel has no Landlock, and the settings demand it; set launch.landlock to auto"));
        }
        if (enforcement == Enforcement.OPTIONAL || !walls.isEmpty()) {
            return List.of();
        }
        String mode = selinux.isActive() ? "permissive" : "not active";
        return List.of(noWall("SELinux is " + mode + " on this host, so nothing would confine the VM; start it with"
                + " labeler run, which has Landlock, or run labelerd with --enforcement optional"));
    }

    private static Problem noWall(String message) {
        return new Problem(Problem.Kind.NO_WALL, Optional.empty(), message);
    }

    @Override
    public Optional<VmReport> stop(VmName name) {
        Optional<VmReport> report = locked(name, vm -> {
            watch.remove(name);
            return release.release(vm);
        });
        settleIfCrowded();
        return report;
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
            Optional<VmRecord> vm =
                    holdings.vm(name).filter(held -> held.process().isPresent());
            if (vm.isEmpty()) {
                return;
            }
            if (isAlive(vm.get().process().orElseThrow())) {
                // A new VM of that name, or a process that was only about to become another program.
                rewatch(vm.get());
                return;
            }
            VmReport report = release.release(vm.get());
            LOG.info("VM {} has ended: {}", name, summary(report));
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

    private boolean isAlive(ProcessIdentity process) {
        return linux.processes().identify(process.pid()).equals(Optional.of(process));
    }

    @Override
    public Optional<VmView> status(VmName name) {
        return locked(name, vm -> Views.held(vm, holdings, walls(vm), List.of(), List.of()));
    }

    @Override
    public List<VmView> status() {
        lock.lock();
        try {
            return holdings.vms().stream()
                    .map(vm -> Views.held(vm, holdings, walls(vm), List.of(), List.of()))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<VmReport> relabel(VmName name, boolean dryRun) {
        return locked(name, vm -> inspection.relabel(vm, dryRun));
    }

    @Override
    public Optional<VmReport> verify(VmName name) {
        return locked(name, inspection::verify);
    }

    @Override
    public RecoveryReport recover(boolean dryRun) {
        List<VmReport> ended = new ArrayList<>();
        lock.lock();
        try {
            for (VmRecord vm : holdings.vms()) {
                if (!isStale(vm)) {
                    rewatch(vm);
                } else if (dryRun) {
                    ended.add(release.look(vm));
                } else {
                    watch.remove(vm.name());
                    ended.add(release.release(vm));
                }
            }
        } finally {
            lock.unlock();
        }
        return new RecoveryReport(ended, settlement.settle(dryRun));
    }

    /** Whether nobody will come to stop it: it is of an earlier boot, its start or stop was cut off, or its process ended. */
    private boolean isStale(VmRecord vm) {
        return !vm.bootId().equals(bootId)
                || vm.phase() != VmRecord.Phase.RUNNING
                || (vm.process().isPresent() && !isAlive(vm.process().get()));
    }

    private void rewatch(VmRecord vm) {
        vm.process().ifPresent(process -> {
            if (watch.watches(vm.name())) {
                return;
            }
            try {
                watch.add(vm.name(), linux.processes().open(process.pid()));
            } catch (LinuxException e) {
                LOG.warn("VM {}: its process cannot be watched: {}", vm.name(), e.getMessage());
            }
        });
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
        watch.close();
        lock.lock();
        try {
            journal.close();
        } finally {
            lock.unlock();
        }
    }
}
