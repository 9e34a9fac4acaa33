package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.apply.Labels;
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
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.qmp.Monitors;
import labeler.review.KnownReferences;
import labeler.review.ReviewThreads;
import labeler.review.TrustOutcome;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.work.Errand;
import labeler.work.FileSystemWork;
import labeler.work.Place;

/**
 * The lifecycle over a real journal and kernel. Everything that is done with VMs' files is done by many threads at once,
 * under no lock; what is held changes one VM at a time, and what a decision saw still holds when it is made.
 */
public final class LiveLifecycle implements VmLifecycle, AutoCloseable {
    private final Ledger ledger;
    private final FileSetBuilder fileSets;
    private final Preparation preparation;
    private final Walls walls;
    private final Inspection inspection;
    private final Matrices matrices;
    private final VmProcesses processes;
    private final Ending ending;
    private final Starting starting;
    private final LaunchCheck launches;
    private final RuntimeDirectories runtime;
    private final Disks disks;
    private final Leaving leaving;
    private final FileSystemWork work;
    private final Recovery recovery;
    private final ReviewThreads reviews;
    private final HeldImages images;

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
            Leftovers leftovers,
            FileSystemWork work)
            throws JournalException, LinuxException {
        this.fileSets = fileSets;
        this.preparation = preparation;
        this.runtime = runtime;
        this.walls = walls;
        this.work = work;
        Labels labels = preparation.labels();
        ProcessContexts contexts = new ProcessContexts(linux.processes(), walls.isSelinuxActive());
        String bootId = linux.processes().bootId();
        HostLock lock = new HostLock();
        this.ledger = new Ledger(lock, new Holdings(journal.load(), bootId), journal, new Claims(lock, work), bootId);
        Reverter reverter = new Reverter(linux, labels, ledger.holdings()::isOnRecord, bootId);
        Reversions reversions = new Reversions(ledger, reverter, work);
        this.inspection = new Inspection(ledger, reverter, labels, contexts, kernel, work);
        this.matrices = new Matrices(ledger.holdings(), reverter, labels, contexts, kernel, work);
        this.launches = new LaunchCheck(linux.processes(), contexts, LaunchCheck.PATIENCE);
        this.processes = new VmProcesses(linux.processes(), bootId, this::ended);
        this.reviews = new ReviewThreads(new KnownReferences(journal, linux), work);
        this.images = new HeldImages(ledger.holdings(), fileSets, reviews, work);
        Release release = new Release(ledger, reversions);
        Settlement settlement = new Settlement(ledger, reverter, reversions, work, this::lookAround);
        this.ending = new Ending(ledger, release, settlement, processes, runtime, handovers, reviews);
        Outputs outputs = new Outputs(ledger.holdings(), linux.open());
        Launching launching = new Launching(
                ledger, linux, kernel, walls, landlock, processes, launches, runtime, handovers, labels, release,
                ending);
        this.starting = new Starting(ledger, fileSets, preparation, launching, outputs, images, work);
        Speaking speaking = new Speaking(processes);
        Attaching attaching = new Attaching(ledger, linux, kernel, preparation, runtime, release, speaking, images);
        this.disks = new Disks(ledger, attaching, speaking, fileSets, processes, release, monitors, images, work);
        this.leaving = new Leaving(
                ledger.holdings(), fileSets, work, new Leaving.Host(leftovers, linux, labels, reverter, contexts));
        List<VmName> stale = ending.claimStale();
        this.recovery = new Recovery(ending, stale);
        runtime.keepOnly(ledger.holdings().vms().stream().map(VmRecord::name).collect(Collectors.toSet()));
        ledger.holdings().vms().stream()
                .filter(vm ->
                        !stale.contains(vm.name()) && vm.phase() == VmRecord.Phase.RUNNING && walls.isLaunchUnseen(vm))
                .forEach(launches::expect);
    }

    /**
     * Loads the journal, and takes in hand whatever the last service left: in the background, so that others are served
     * meanwhile.
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
            Leftovers leftovers,
            FileSystemWork work)
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
                leftovers,
                work);
        lifecycle.recovery.start();
        lifecycle.ending.begin();
        return lifecycle;
    }

    @Override
    public void awaitRecovery() {
        recovery.await();
    }

    @Override
    public boolean isRecovered() {
        return recovery.isOver();
    }

    @Override
    public PlanOutcome plan(StartRequest request) {
        FileSystemWork.Outcome<PlanOutcome> outcome =
                work.run(FileSetBuilder.named(request.definition()), errand -> plan(request, errand), _ -> {});
        return switch (outcome) {
            case FileSystemWork.Done<PlanOutcome>(PlanOutcome done) -> done;
            case FileSystemWork.Late<PlanOutcome>(Place place) -> notPlanned(place);
            case FileSystemWork.NotBegun<PlanOutcome>(Place place) -> notPlanned(place);
        };
    }

    private static PlanOutcome notPlanned(Place place) {
        return new PlanOutcome.NotPlanned(List.of(Claims.problem(place)));
    }

    private PlanOutcome plan(StartRequest request, Errand errand) {
        FileSet built = fileSets.build(request.definition());
        errand.afterwards(built::close);
        FileSet files = images.judged(built);
        return switch (preparation.look(request.pid(), files)) {
            case Preparation.NotLooked(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
            case Preparation.Looked looked -> ledger.lock().holding(() -> plan(request, files, looked));
        };
    }

    private PlanOutcome plan(StartRequest request, FileSet files, Preparation.Looked looked) {
        return switch (preparation.prepare(
                request,
                looked,
                ledger.holdings(),
                ledger.holdings().pairs(),
                request.planned(preparation.domains()))) {
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
    }

    @Override
    public StartOutcome start(StartRequest request) {
        return starting.start(request);
    }

    /** On the watch's thread. */
    private void ended(VmName name) {
        ending.ended(name);
    }

    /** On the settlement's thread. */
    private void lookAround() {
        ending.lookAfterTheUnwatched();
    }

    @Override
    public Optional<VmReport> stop(VmName name, Optional<VmDefinition> last) {
        Optional<VmReport> report = ending.stop(name, last, vm -> leaving.lookAfter(vm, last));
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
        if (ledger.holdings().vm(request.name()).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (disks.attach(request)) {
                    case Disks.NotAttached(List<Problem> problems) -> new AttachOutcome.NotAttached(problems);
                    case Disks.Attached(VmRecord vm, List<Problem> warnings) ->
                        new AttachOutcome.Attached(
                                view(vm, warnings), request.disk().name());
                });
    }

    @Override
    public Optional<DetachOutcome> detach(DetachRequest request) {
        if (ledger.holdings().vm(request.name()).isEmpty()) {
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
        return ledger.holdings().vm(name).map(this::view);
    }

    @Override
    public List<VmName> names() {
        return ledger.holdings().vms().stream().map(VmRecord::name).toList();
    }

    @Override
    public Held held() {
        List<VmRecord> vms = ledger.holdings().vms();
        return new Held(
                vms.size(), vms.stream().mapToInt(vm -> vm.files().size()).sum());
    }

    private VmView view(VmRecord vm) {
        return view(vm, walls.warnings(vm));
    }

    private VmView view(VmRecord vm, List<Problem> warnings) {
        Holdings holdings = ledger.holdings();
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
        return inspected(name, vm -> inspection.relabel(vm, dryRun));
    }

    @Override
    public Optional<VmReport> verify(VmName name) {
        return inspected(name, inspection::verify);
    }

    private Optional<VmReport> inspected(VmName name, Function<VmRecord, VmReport> look) {
        if (ledger.holdings().vm(name).isEmpty()) {
            return Optional.empty();
        }
        return ledger.claims()
                .having(
                        name,
                        Claims.Doing.CHANGING,
                        () -> ledger.holdings()
                                .vm(name)
                                .map(vm -> ending.isStopped(vm) ? stoppedReport(vm) : look.apply(vm)),
                        problem -> Optional.of(new VmReport(name, List.of(), List.of(problem), Optional.empty())));
    }

    private static VmReport stoppedReport(VmRecord vm) {
        return new VmReport(
                vm.name(),
                List.of(),
                List.of(new Problem(Problem.Kind.STILL_RUNNING, Optional.empty(), Ending.stillRuns(vm))),
                Optional.empty());
    }

    @Override
    public MatrixOutcome matrix(Optional<VmName> name) {
        return matrices.of(name);
    }

    /** VMs stay as they are: the next service takes them over. */
    @Override
    public void close() throws JournalException {
        processes.close();
        ending.close();
        launches.close();
        reviews.close();
        work.close();
        runtime.close();
        ledger.lock().lock();
        try {
            ledger.journal().close();
        } finally {
            ledger.lock().unlock();
        }
    }
}
