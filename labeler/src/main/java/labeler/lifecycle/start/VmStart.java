package labeler.lifecycle.start;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.apply.Labels;
import labeler.apply.PlanApplier;
import labeler.fileset.FileSet;
import labeler.journal.VmRecord;
import labeler.launch.Allowance;
import labeler.launch.HandedDescriptor;
import labeler.launch.Handovers;
import labeler.launch.LandlockPolicy;
import labeler.launch.LocalCopies;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.FileAcquisition;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.MissingOutputs;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanMaker;
import labeler.lifecycle.stop.VmStop;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.Plan;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.qemu.handover.Rewriting;
import labeler.work.Errand;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A start whose plan has no problem: all that stands around the labels. Only what is put on record is done with the lock
 * held, since a file system that hangs may not hold up the VMs of others.
 */
public final class VmStart {
    private static final Logger LOG = LoggerFactory.getLogger(VmStart.class);

    private final Ledger ledger;
    private final Linux linux;
    private final KernelCheck kernel;
    private final Confinement confinement;
    private final LandlockPolicy landlock;
    private final VmProcesses processes;
    private final LaunchWatch watch;
    private final RuntimeDirectories runtime;
    private final Handovers handovers;
    private final PlanApplier applier;
    private final DescriptorHandover handing;
    private final LocalCopies copies;
    private final Release release;
    private final VmStop stop;

    public VmStart(
            Ledger ledger,
            Linux linux,
            KernelCheck kernel,
            Confinement confinement,
            LandlockPolicy landlock,
            VmProcesses processes,
            LaunchWatch watch,
            RuntimeDirectories runtime,
            Handovers handovers,
            Labels labels,
            Release release,
            VmStop stop) {
        this.ledger = ledger;
        this.linux = linux;
        this.kernel = kernel;
        this.confinement = confinement;
        this.landlock = landlock;
        this.processes = processes;
        this.watch = watch;
        this.runtime = runtime;
        this.handovers = handovers;
        this.applier = new PlanApplier(labels);
        this.handing = new DescriptorHandover(linux.open());
        this.copies = new LocalCopies(linux.open(), linux.attributes());
        this.release = release;
        this.stop = stop;
    }

    /** How far a start has come. */
    public sealed interface Step {}

    /** As far as it will. */
    public record Over(StartOutcome outcome) implements Step {}

    /**
     * Nowhere yet, and all is as before: a file system that seemed to take labels does not, or a label was given back that
     * had been looked at; so the plan is another one.
     */
    public record PlanAgain() implements Step {}

    /** Nowhere yet: these files are not there, and have to be made first. */
    public record FilesMissing(List<HostPath> paths) implements Step {
        public FilesMissing {
            paths = List.copyOf(paths);
        }
    }

    /** The VM is on record, in the hands of this thread, and its files are to be labelled. */
    public record Recorded(
            StartRequest request,
            PlanMaker.Prepared prepared,
            VmRecord vm,
            DescriptorHandover.Possible handover,
            RecordAndLabel start,
            Optional<VmProcesses.Claimed> process)
            implements Step {}

    /** The labels are set; there may be files that have to be handed over. */
    public record Labelled(
            StartRequest request, PlanMaker.Prepared prepared, VmRecord vm, DescriptorHandover.Possible handover) {}

    /** Under no lock, before anything: what is to be known of the files. */
    FileAcquisition look(FileSet files) {
        FileAcquisition acquisition = new FileAcquisition(ledger, applier, linux, kernel, Optional.empty());
        acquisition.look(files);
        return acquisition;
    }

    /** Why another VM cannot have the name. */
    Problem heldAlready(VmRecord vm) {
        return new Problem(
                Problem.Kind.ALREADY_RUNNING,
                Optional.empty(),
                stop.isStopped(vm)
                        ? VmStop.stillRuns(vm)
                        : "a VM named " + vm.name() + " is held already; stop it first (labeler stop)");
    }

    /** With the lock held. */
    Step record(StartRequest request, FileSet files, PlanMaker.Prepared prepared, FileAcquisition acquisition) {
        List<Problem> problems =
                confinement.problems(request, prepared.contexts().process());
        if (problems.isEmpty()) {
            problems = prepared.plan().problems();
        }
        if (!problems.isEmpty()) {
            return notStarted(problems);
        }
        return switch (rewrite(request, files, prepared)) {
            case DescriptorHandover.NotPossible(List<Problem> reasons) -> notStarted(reasons);
            case DescriptorHandover.Possible handover -> {
                List<HostPath> missing = MissingOutputs.missing(prepared.plan());
                Optional<Problem> refusal =
                        MissingOutputs.refusal(prepared.plan(), request.owner().uid());
                if (refusal.isPresent()) {
                    yield notStarted(List.of(refusal.get()));
                }
                yield missing.isEmpty()
                        ? record(request, files, prepared, handover, acquisition)
                        : new FilesMissing(missing);
            }
        };
    }

    /** Only what is run can be handed anything; without a command line there is nothing to rewrite. */
    private DescriptorHandover.Outcome rewrite(StartRequest request, FileSet files, PlanMaker.Prepared prepared) {
        return request.commandLine()
                .map(commandLine ->
                        DescriptorHandover.rewrite(commandLine, files, prepared.plan(), runtime.path(request.name())))
                .orElseGet(
                        () -> new DescriptorHandover.Possible(new Rewriting.Rewritten(List.of(), List.of()), Map.of()));
    }

    private Step record(
            StartRequest request,
            FileSet files,
            PlanMaker.Prepared prepared,
            DescriptorHandover.Possible handover,
            FileAcquisition acquisition) {
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
        RecordAndLabel start = new RecordAndLabel(ledger, acquisition, release);
        boolean isRecorded = false;
        try {
            RecordAndLabel.Outcome outcome = start.record(
                    request,
                    files,
                    prepared,
                    handover.rewritten().descriptors(),
                    claimed.map(VmProcesses.Claimed::identity),
                    confinement.confinement(request, prepared.contexts().process()));
            isRecorded = outcome instanceof RecordAndLabel.Recorded;
            return switch (outcome) {
                case RecordAndLabel.Recorded(VmRecord vm) ->
                    new Recorded(request, prepared, vm, handover, start, claimed);
                case RecordAndLabel.NotRecorded(List<Problem> problems) -> notStarted(problems);
            };
        } finally {
            if (!isRecorded) {
                claimed.ifPresent(process -> process.pidfd().close());
            }
        }
    }

    /** Under no lock: sets the labels, and hands over what carries none. */
    Step finish(Recorded recorded, FileSet files, Errand errand) {
        boolean started = false;
        try {
            List<Problem> problems = recorded.start()
                    .label(
                            recorded.vm(),
                            () -> runtimeDirectory(recorded).map(List::of).orElse(List.of()));
            if (!problems.isEmpty()) {
                boolean again = problems.stream().allMatch(one -> one.kind() == Problem.Kind.LABELS_UNAVAILABLE);
                return again ? new PlanAgain() : notStarted(problems);
            }
            recorded.process()
                    .ifPresent(process -> processes.watch(recorded.vm().name(), process.pidfd()));
            started = true;
        } finally {
            if (!started) {
                recorded.process().ifPresent(process -> process.pidfd().close());
                runtime.remove(recorded.vm().name());
            }
        }
        Labelled labelled = new Labelled(
                recorded.request(),
                recorded.prepared(),
                recorded.vm().with(VmRecord.Phase.RUNNING),
                recorded.handover());
        return new Over(handOver(labelled, files, errand));
    }

    private Optional<Problem> runtimeDirectory(Recorded recorded) {
        StartRequest request = recorded.request();
        if (request.launch() != StartRequest.Launch.RUN) {
            return Optional.empty();
        }
        Optional<SecurityContext> image = confinement.isSelinuxActive()
                ? Optional.of(recorded.prepared().contexts().image())
                : Optional.empty();
        return runtime.create(
                request.name(), image, request.owner().uid(), request.owner().gid());
    }

    private StartOutcome handOver(Labelled labelled, FileSet files, Errand errand) {
        List<HandedDescriptor> handed = List.of();
        boolean complete = false;
        try {
            Optional<Problem> problem = copy(labelled, files);
            if (problem.isPresent()) {
                return new StartOutcome.NotStarted(List.of(problem.get()));
            }
            handed = handing.open(files, labelled.handover().rewritten().descriptors());
            StartOutcome outcome = offer(labelled, files, handed, errand);
            complete = outcome instanceof StartOutcome.Started;
            return outcome;
        } catch (LinuxException e) {
            return new StartOutcome.NotStarted(List.of(new Problem(
                    Problem.Kind.UNREADABLE,
                    Optional.empty(),
                    "what is to be handed over cannot be opened (" + e.getMessage() + ")")));
        } finally {
            if (!complete) {
                handed.forEach(HandedDescriptor::close);
                stop.giveUp(labelled.vm());
            }
        }
    }

    private Optional<Problem> copy(Labelled labelled, FileSet files) {
        Optional<SecurityContext> content = confinement.isSelinuxActive()
                ? Optional.of(labelled.prepared().contexts().content())
                : Optional.empty();
        for (Map.Entry<HostPath, HostPath> copy : labelled.handover().copies().entrySet()) {
            OpenedFile source = files.named(copy.getKey())
                    .orElseThrow(() -> new IllegalStateException(copy.getKey() + " is not in the file set"));
            try {
                copies.make(source, copy.getValue().jdkPath(), content);
            } catch (IOException e) {
                return Optional.of(new Problem(
                        Problem.Kind.LABELS_UNAVAILABLE,
                        Optional.of(copy.getKey()),
                        "qemu reads it by its name, and it cannot be copied (" + e.getMessage() + ")"));
            }
        }
        return Optional.empty();
    }

    /** Nobody is left who could stop it, if whoever asked for it has gone. */
    private StartOutcome offer(Labelled labelled, FileSet files, List<HandedDescriptor> handed, Errand errand) {
        VmView view = finish(labelled, files);
        return ledger.lock().holding(() -> {
            Optional<VmRecord> held = stillHeld(labelled.vm());
            if (held.isEmpty() || ledger.claims().isEnding(labelled.vm().name())) {
                return new StartOutcome.NotStarted(List.of(new Problem(
                        Problem.Kind.PROCESS_ENDED,
                        Optional.empty(),
                        "it was stopped, or its process ended, while its files were being opened")));
            }
            if (!errand.isWanted()) {
                return new StartOutcome.NotStarted(List.of(Claims.problem("its files were there too late; try again")));
            }
            expect(labelled, view);
            if (!handed.isEmpty()) {
                handovers.offer(labelled.vm().process().orElseThrow(), handed);
            }
            return new StartOutcome.Started(view);
        });
    }

    /** The VM of this very start, as it is by now: a disk may have joined it. */
    private Optional<VmRecord> stillHeld(VmRecord started) {
        return ledger.holdings()
                .vm(started.name())
                .filter(vm -> vm.phase() == VmRecord.Phase.RUNNING && stop.isOfOneStart(vm, started));
    }

    /** From now on it is watched what becomes of a VM that started itself. */
    private void expect(Labelled labelled, VmView view) {
        if (view.walls().isEmpty()) {
            LOG.warn("VM {}: its labels are written, and nothing enforces them", view.vm());
        }
        if (labelled.request().launch() == StartRequest.Launch.RUN
                && view.walls().contains(Wall.SELINUX)) {
            watch.expect(labelled.vm());
        }
    }

    private VmView finish(Labelled labelled, FileSet files) {
        StartRequest request = labelled.request();
        Plan plan = labelled.prepared().plan();
        VmRecord vm = labelled.vm();
        SecurityContext process = vm.contexts().process();
        List<Problem> warnings = new ArrayList<>(files.warnings());
        warnings.addAll(kernel.openable(process, plan.passed()));
        warnings.addAll(kernel.openAtRest(process, plan.files()));
        warnings.addAll(confinement.warnings(vm));
        Set<Wall> standing = confinement.of(request, process, plan.passed());
        warnings.addAll(Confinement.warnings(request, standing));
        return VmViews.held(
                vm,
                ledger.holdings(),
                standing,
                runtime.of(vm.name()),
                vm.landlock() ? allowances(labelled) : List.of(),
                warnings,
                Optional.of(labelled.handover())
                        .filter(DescriptorHandover.Possible::isNeeded)
                        .map(DescriptorHandover.Possible::rewritten));
    }

    private List<Allowance> allowances(Labelled labelled) {
        List<Allowance> allowances =
                new ArrayList<>(landlock.allowances(labelled.prepared().plan().files()));
        labelled.handover()
                .copies()
                .values()
                .forEach(copy -> allowances.add(new Allowance(copy, Allowance.Kind.READ, Optional.empty())));
        return allowances;
    }

    private static Step refused(Problem.Kind kind, String message) {
        return notStarted(List.of(new Problem(kind, Optional.empty(), message)));
    }

    private static Step notStarted(List<Problem> problems) {
        return new Over(new StartOutcome.NotStarted(problems));
    }
}
