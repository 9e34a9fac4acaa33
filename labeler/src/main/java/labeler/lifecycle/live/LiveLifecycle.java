package labeler.lifecycle.live;

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
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.MatrixOutcome;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.disk.DiskAttach;
import labeler.lifecycle.disk.DiskHotplug;
import labeler.lifecycle.disk.MonitorAccess;
import labeler.lifecycle.hold.AccessMatrixQuery;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.HeldImages;
import labeler.lifecycle.hold.HostLock;
import labeler.lifecycle.hold.LabelVerification;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.LocalRegistry;
import labeler.lifecycle.hold.MissingOutputs;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.hold.Reversions;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.PlanMaker;
import labeler.lifecycle.start.LaunchWatch;
import labeler.lifecycle.start.StartSteps;
import labeler.lifecycle.start.VmStart;
import labeler.lifecycle.stop.Leaving;
import labeler.lifecycle.stop.Recovery;
import labeler.lifecycle.stop.ReversionSync;
import labeler.lifecycle.stop.VmStop;
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
    private final PlanMaker planMaker;
    private final Confinement confinement;
    private final LabelVerification verification;
    private final AccessMatrixQuery matrix;
    private final VmProcesses processes;
    private final VmStop stop;
    private final StartSteps steps;
    private final LaunchWatch watch;
    private final RuntimeDirectories runtime;
    private final DiskHotplug hotplug;
    private final Leaving leaving;
    private final FileSystemWork work;
    private final Recovery recovery;
    private final ReviewThreads reviews;
    private final HeldImages images;

    private LiveLifecycle(
            Linux linux,
            Journal journal,
            FileSetBuilder fileSets,
            PlanMaker planMaker,
            Confinement confinement,
            KernelCheck kernel,
            LandlockPolicy landlock,
            RuntimeDirectories runtime,
            Handovers handovers,
            Monitors monitors,
            Leftovers leftovers,
            FileSystemWork work)
            throws JournalException, LinuxException {
        this.fileSets = fileSets;
        this.planMaker = planMaker;
        this.runtime = runtime;
        this.confinement = confinement;
        this.work = work;
        Labels labels = planMaker.labels();
        ProcessContexts contexts = new ProcessContexts(linux.processes(), confinement.isSelinuxActive());
        String bootId = linux.processes().bootId();
        HostLock lock = new HostLock();
        this.ledger =
                new Ledger(lock, new LocalRegistry(journal.load(), bootId), journal, new Claims(lock, work), bootId);
        Reverter reverter = new Reverter(linux, labels, ledger.holdings()::isOnRecord, bootId);
        Reversions reversions = new Reversions(ledger, reverter, work);
        this.verification = new LabelVerification(ledger, reverter, labels, contexts, kernel, work);
        this.matrix = new AccessMatrixQuery(ledger.holdings(), reverter, labels, contexts, kernel, work);
        this.watch = new LaunchWatch(linux.processes(), contexts, LaunchWatch.PATIENCE);
        this.processes = new VmProcesses(linux.processes(), bootId, this::ended);
        this.reviews = new ReviewThreads(new KnownReferences(journal, linux), work);
        this.images = new HeldImages(ledger.holdings(), fileSets, reviews, work);
        Release release = new Release(ledger, reversions);
        ReversionSync sync = new ReversionSync(ledger, reverter, reversions, work, this::lookAround);
        this.stop = new VmStop(ledger, release, sync, processes, runtime, handovers, reviews);
        MissingOutputs missing = new MissingOutputs(ledger.holdings(), linux.open());
        VmStart vmStart = new VmStart(
                ledger,
                linux,
                kernel,
                confinement,
                landlock,
                processes,
                watch,
                runtime,
                handovers,
                labels,
                release,
                stop);
        this.steps = new StartSteps(ledger, fileSets, planMaker, vmStart, missing, images, work);
        MonitorAccess monitor = new MonitorAccess(processes);
        DiskAttach diskAttach = new DiskAttach(ledger, linux, kernel, planMaker, runtime, release, monitor, images);
        this.hotplug =
                new DiskHotplug(ledger, diskAttach, monitor, fileSets, processes, release, monitors, images, work);
        this.leaving = new Leaving(
                ledger.holdings(), fileSets, work, new Leaving.Host(leftovers, linux, labels, reverter, contexts));
        List<VmName> stale = stop.claimStale();
        this.recovery = new Recovery(stop, stale);
        runtime.keepOnly(ledger.holdings().vms().stream().map(VmRecord::name).collect(Collectors.toSet()));
        ledger.holdings().vms().stream()
                .filter(vm -> !stale.contains(vm.name())
                        && vm.phase() == VmRecord.Phase.RUNNING
                        && confinement.isLaunchUnseen(vm))
                .forEach(watch::expect);
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
            PlanMaker planMaker,
            Confinement confinement,
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
                planMaker,
                confinement,
                kernel,
                landlock,
                runtime,
                handovers,
                monitors,
                leftovers,
                work);
        lifecycle.recovery.start();
        lifecycle.stop.begin();
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
        return switch (planMaker.look(request.pid(), files)) {
            case PlanMaker.NotLooked(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
            case PlanMaker.Looked looked -> ledger.lock().holding(() -> plan(request, files, looked));
        };
    }

    private PlanOutcome plan(StartRequest request, FileSet files, PlanMaker.Looked looked) {
        return switch (planMaker.prepare(
                request, looked, ledger.holdings(), ledger.holdings().pairs(), request.planned(planMaker.domains()))) {
            case PlanMaker.Ready(PlanMaker.Prepared prepared) ->
                new PlanOutcome.Planned(VmViews.planned(
                        request,
                        files,
                        prepared.contexts(),
                        prepared.plan(),
                        confinement.of(
                                request,
                                prepared.contexts().process(),
                                prepared.plan().passed()),
                        confinement.problems(request, prepared.contexts().process()),
                        runtime.path(request.name())));
            case PlanMaker.NoLevel(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
        };
    }

    @Override
    public StartOutcome start(StartRequest request) {
        return steps.start(request);
    }

    private void ended(VmName name) {
        stop.ended(name);
    }

    private void lookAround() {
        stop.lookAfterTheUnwatched();
    }

    @Override
    public Optional<VmReport> stop(VmName name, Optional<VmDefinition> last) {
        Optional<VmReport> report = stop.stop(name, last, vm -> leaving.lookAfter(vm, last));
        stop.settleIfCrowded();
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
                switch (hotplug.attach(request)) {
                    case DiskHotplug.NotAttached(List<Problem> problems) -> new AttachOutcome.NotAttached(problems);
                    case DiskHotplug.Attached(VmRecord vm, List<Problem> warnings) ->
                        new AttachOutcome.Attached(
                                view(vm, warnings), request.disk().name());
                });
    }

    @Override
    public Optional<DetachOutcome> detach(DetachRequest request) {
        if (ledger.holdings().vm(request.name()).isEmpty()) {
            return Optional.empty();
        }
        Optional<DetachOutcome> outcome = Optional.of(images.detach(request, () -> hotplug.detach(request)));
        stop.settleIfCrowded();
        return outcome;
    }

    @Override
    public RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        return stop.recover(dryRun, forgetLost);
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
        return view(vm, confinement.warnings(vm));
    }

    private VmView view(VmRecord vm, List<Problem> warnings) {
        LocalRegistry holdings = ledger.holdings();
        return VmViews.held(
                vm,
                holdings,
                confinement.of(vm, holdings.passed(vm)),
                runtime.of(vm.name()),
                List.of(),
                warnings,
                Optional.empty());
    }

    @Override
    public Optional<VmReport> relabel(VmName name, boolean dryRun) {
        return inspected(name, vm -> verification.relabel(vm, dryRun));
    }

    @Override
    public Optional<VmReport> verify(VmName name) {
        return inspected(name, verification::verify);
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
                                .map(vm -> stop.isStopped(vm) ? stoppedReport(vm) : look.apply(vm)),
                        problem -> Optional.of(new VmReport(name, List.of(), List.of(problem), Optional.empty())));
    }

    private static VmReport stoppedReport(VmRecord vm) {
        return new VmReport(
                vm.name(),
                List.of(),
                List.of(new Problem(Problem.Kind.STILL_RUNNING, Optional.empty(), VmStop.stillRuns(vm))),
                Optional.empty());
    }

    @Override
    public MatrixOutcome matrix(Optional<VmName> name) {
        return matrix.of(name);
    }

    /** VMs stay as they are: the next service takes them over. */
    @Override
    public void close() throws JournalException {
        processes.close();
        stop.close();
        watch.close();
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
