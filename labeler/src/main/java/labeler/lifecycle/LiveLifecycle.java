package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.apply.Labels;
import labeler.apply.PlanApplier;
import labeler.apply.Reverter;
import labeler.chain.ImageFormat;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.launch.Handovers;
import labeler.launch.LandlockPolicy;
import labeler.launch.RuntimeDirectories;
import labeler.leftover.Leftovers;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.ProcessIdentity;
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.qmp.Monitors;
import labeler.review.KnownReferences;
import labeler.review.ReviewThreads;
import labeler.review.TrustOutcome;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lifecycle over a real journal and kernel. Images are opened and parsed by many threads at once; from the plan to
 * the last label one VM at a time, so that what the plan saw still holds when it is carried out.
 */
public final class LiveLifecycle implements VmLifecycle, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveLifecycle.class);

    private final Journal journal;
    private final FileSetBuilder fileSets;
    private final Preparation preparation;
    private final Walls walls;
    private final Holdings holdings;
    private final Inspection inspection;
    private final Matrices matrices;
    private final VmProcesses processes;
    private final Ending ending;
    private final Launching launching;
    private final Outputs outputs;
    private final LaunchCheck launches;
    private final RuntimeDirectories runtime;
    private final Disks disks;
    private final Leaving leaving;
    private final ReviewThreads reviews;
    private final HeldImages images;

    private final HostLock lock = new HostLock();

    private LiveLifecycle(
            Linux linux,
            Journal journal,
            FileSetBuilder fileSets,
            Preparation preparation,
            Walls walls,
            KernelCheck kernel,
            LandlockPolicy landlock,
            RuntimeDirectories runtime,
            Handovers handovers,
            Monitors monitors,
            Leftovers leftovers)
            throws JournalException, LinuxException {
        this.journal = journal;
        this.fileSets = fileSets;
        this.preparation = preparation;
        this.runtime = runtime;
        this.walls = walls;
        Labels labels = preparation.labels();
        ProcessContexts contexts = new ProcessContexts(linux.processes(), walls.isSelinuxActive());
        String bootId = linux.processes().bootId();
        this.holdings = new Holdings(journal.load(), bootId);
        Reverter reverter = new Reverter(linux, labels, holdings::isOnRecord, bootId);
        this.inspection = new Inspection(holdings, reverter, labels, contexts, kernel);
        this.matrices = new Matrices(lock, holdings, reverter, labels, contexts, kernel);
        this.launches = new LaunchCheck(linux.processes(), contexts, LaunchCheck.PATIENCE);
        this.processes = new VmProcesses(linux.processes(), bootId, this::ended);
        this.reviews = new ReviewThreads(new KnownReferences(journal, linux.open()));
        this.images = new HeldImages(lock, holdings, fileSets, reviews);
        Release release = new Release(holdings, journal, reverter);
        this.ending =
                new Ending(lock, holdings, journal, reverter, release, processes, runtime, handovers, reviews, bootId);
        this.outputs = new Outputs(lock, holdings, linux.open());
        this.launching = new Launching(
                lock, holdings, journal, linux, kernel, walls, landlock, processes, launches, runtime, handovers,
                labels, outputs, ending, bootId);
        this.disks = new Disks(
                lock,
                holdings,
                journal,
                linux,
                kernel,
                fileSets,
                preparation,
                processes,
                runtime,
                new PlanApplier(labels),
                release,
                monitors,
                images,
                bootId);
        this.leaving =
                new Leaving(lock, holdings, fileSets, new Leaving.Host(leftovers, linux, labels, reverter, contexts));
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
            Walls walls,
            KernelCheck kernel,
            LandlockPolicy landlock,
            RuntimeDirectories runtime,
            Handovers handovers,
            Monitors monitors,
            Leftovers leftovers)
            throws JournalException, LinuxException {
        LiveLifecycle lifecycle = new LiveLifecycle(
                linux,
                journal,
                fileSets,
                preparation,
                walls,
                kernel,
                landlock,
                runtime,
                handovers,
                monitors,
                leftovers);
        RecoveryReport report = lifecycle.recover(false, false);
        report.ended().forEach(vm -> LOG.info("recovered VM {}: {}", vm.name(), Ending.summary(vm)));
        lifecycle.holdings.vms().stream()
                .filter(vm -> vm.phase() == VmRecord.Phase.RUNNING && lifecycle.walls.isLaunchUnseen(vm))
                .forEach(lifecycle.launches::expect);
        lifecycle.runtime.keepOnly(
                lifecycle.holdings.vms().stream().map(VmRecord::name).collect(Collectors.toSet()));
        lifecycle.ending.start();
        return lifecycle;
    }

    @Override
    public PlanOutcome plan(StartRequest request) {
        try (FileSet built = fileSets.build(request.definition())) {
            FileSet files = images.judged(built);
            lock.lock();
            try {
                return switch (preparation.prepare(
                        request, files, holdings, holdings.pairs(), request.planned(preparation.domains()))) {
                    case Preparation.Ready(Preparation.Prepared prepared) ->
                        new PlanOutcome.Planned(Views.planned(
                                request,
                                files,
                                prepared.contexts(),
                                prepared.plan(),
                                walls.of(
                                        request,
                                        prepared.contexts().process(),
                                        prepared.plan().passed()),
                                walls.problems(request, prepared.contexts().process()),
                                runtime.path(request.name())));
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
            return images.start(request, files, () -> start(request, files));
        }
    }

    private StartOutcome start(StartRequest request, FileSet files) {
        return switch (lock.holding(() -> step(request, files))) {
            case Launching.Over(StartOutcome outcome) -> outcome;
            case Launching.Labelled labelled -> launching.handOver(labelled, files);
            // Each time for one mount more; a file there is planned to be labelled no more.
            case Launching.PlanAgain() -> start(request, files);
            case Launching.OutputsMissing(List<HostPath> paths) ->
                switch (outputs.make(paths, request.owner())) {
                    case Outputs.NotMade(List<Problem> problems) -> new StartOutcome.NotStarted(problems);
                    case Outputs.Made made -> start(request, files, made);
                };
        };
    }

    /** Once more from the plan on, with files that have been made for it, and that go again with a start that fails. */
    private StartOutcome start(StartRequest request, FileSet files, Outputs.Made made) {
        boolean started = false;
        try (made) {
            StartOutcome outcome = start(request, files.with(made.files()));
            started = outcome instanceof StartOutcome.Started;
            return outcome;
        } finally {
            if (!started) {
                outputs.remove(made.newFiles())
                        .forEach(problem -> LOG.warn("VM {}: {}", request.name(), problem.message()));
            }
        }
    }

    private Launching.Step step(StartRequest request, FileSet files) {
        Optional<VmRecord> held = holdings.vm(request.name());
        if (held.isPresent()) {
            return notStarted(List.of(problem(Problem.Kind.ALREADY_RUNNING, alreadyHeld(held.get()))));
        }
        return switch (preparation.prepare(
                request, files, holdings, holdings.pairs(), request.passing(preparation.domains()))) {
            case Preparation.NoLevel(Problem problem) -> notStarted(List.of(problem));
            case Preparation.Ready(Preparation.Prepared prepared) -> {
                List<Problem> problems =
                        walls.problems(request, prepared.contexts().process());
                if (problems.isEmpty()) {
                    problems = prepared.plan().problems();
                }
                yield problems.isEmpty() ? launching.start(request, files, prepared) : notStarted(problems);
            }
        };
    }

    private String alreadyHeld(VmRecord vm) {
        return ending.isStopped(vm)
                ? stillRuns(vm)
                : "a VM named " + vm.name() + " is held already; stop it first (labeler stop)";
    }

    private static String stillRuns(VmRecord vm) {
        return "VM " + vm.name() + " was stopped, and its process "
                + vm.process().map(ProcessIdentity::pid).orElseThrow() + " still runs; end that first";
    }

    private static Launching.Step notStarted(List<Problem> problems) {
        return new Launching.Over(new StartOutcome.NotStarted(problems));
    }

    private static Problem problem(Problem.Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }

    /** On the watch's thread. */
    private void ended(VmName name) {
        ending.ended(name);
    }

    @Override
    public Optional<VmReport> stop(VmName name, Optional<VmDefinition> last) {
        List<FileReport> left = leaving.lookAfter(name, last);
        Optional<VmReport> report = images.stop(name, last, ending::stop).map(stopped -> stopped.joinedBy(left));
        ending.settleIfCrowded();
        return report;
    }

    @Override
    public ScanOutcome scan(ScanRequest request) {
        return leaving.scan(request);
    }

    @Override
    public TrustOutcome trust(HostPath image, Optional<ImageFormat> format, boolean dryRun) {
        return images.trust(image, format, dryRun);
    }

    @Override
    public Optional<AttachOutcome> attach(AttachRequest request) {
        if (lock.holding(() -> holdings.vm(request.name())).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (disks.attach(request)) {
                    case Disks.NotAttached(List<Problem> problems) -> new AttachOutcome.NotAttached(problems);
                    case Disks.Attached(VmRecord vm, List<Problem> warnings) ->
                        lock.holding(() -> new AttachOutcome.Attached(
                                view(vm, warnings), request.disk().name()));
                });
    }

    @Override
    public Optional<DetachOutcome> detach(DetachRequest request) {
        if (lock.holding(() -> holdings.vm(request.name())).isEmpty()) {
            return Optional.empty();
        }
        Optional<DetachOutcome> outcome = Optional.of(images.detach(request, () -> disks.detach(request)));
        ending.settleIfCrowded();
        return outcome;
    }

    @Override
    public RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        return ending.recover(dryRun, forgetLost);
    }

    @Override
    public Optional<VmView> status(VmName name) {
        return locked(name, this::view);
    }

    @Override
    public List<VmName> names() {
        return lock.holding(() -> holdings.vms().stream().map(VmRecord::name).toList());
    }

    @Override
    public Held held() {
        return lock.holding(() -> new Held(
                holdings.vms().size(),
                holdings.vms().stream().mapToInt(vm -> vm.files().size()).sum()));
    }

    private VmView view(VmRecord vm) {
        return view(vm, walls.warnings(vm));
    }

    private VmView view(VmRecord vm, List<Problem> warnings) {
        return Views.held(
                vm,
                holdings,
                walls.of(vm, holdings.passed(vm)),
                runtime.of(vm.name()),
                List.of(),
                warnings,
                Optional.empty());
    }

    @Override
    public Optional<VmReport> relabel(VmName name, boolean dryRun) {
        return locked(name, vm -> ending.isStopped(vm) ? stoppedReport(vm) : inspection.relabel(vm, dryRun));
    }

    @Override
    public Optional<VmReport> verify(VmName name) {
        return locked(name, vm -> ending.isStopped(vm) ? stoppedReport(vm) : inspection.verify(vm));
    }

    private static VmReport stoppedReport(VmRecord vm) {
        return new VmReport(
                vm.name(), List.of(), List.of(problem(Problem.Kind.STILL_RUNNING, stillRuns(vm))), Optional.empty());
    }

    @Override
    public MatrixOutcome matrix(Optional<VmName> name) {
        return matrices.of(name);
    }

    private <T> Optional<T> locked(VmName name, Function<VmRecord, T> answer) {
        return lock.holding(() -> holdings.vm(name).map(answer));
    }

    /** VMs stay as they are: the next service takes them over. */
    @Override
    public void close() throws JournalException {
        ending.close();
        launches.close();
        processes.close();
        reviews.close();
        runtime.close();
        lock.lock();
        try {
            journal.close();
        } finally {
            lock.unlock();
        }
    }
}
