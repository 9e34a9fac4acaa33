package labeler.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.apply.Labels;
import labeler.apply.PlanApplier;
import labeler.fileset.FileSet;
import labeler.journal.Journal;
import labeler.journal.VmRecord;
import labeler.launch.Allowance;
import labeler.launch.HandedDescriptor;
import labeler.launch.Handovers;
import labeler.launch.LandlockPolicy;
import labeler.launch.LocalCopies;
import labeler.launch.RuntimeDirectories;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.FileFacts;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.qemu.DescriptorSet;
import labeler.vm.qemu.Rewriting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A start whose plan has no problem: all that stands around the labels. What is opened and copied for the VM comes last
 * and under no lock, since a file server that hangs may not hold up other VMs.
 */
final class Launching {
    private static final Logger LOG = LoggerFactory.getLogger(Launching.class);

    private final HostLock lock;
    private final Holdings holdings;
    private final Journal journal;
    private final Linux linux;
    private final KernelCheck kernel;
    private final Walls walls;
    private final LandlockPolicy landlock;
    private final VmProcesses processes;
    private final LaunchCheck launches;
    private final RuntimeDirectories runtime;
    private final Handovers handovers;
    private final PlanApplier applier;
    private final Handing handing;
    private final LocalCopies copies;
    private final Outputs outputs;
    private final Ending ending;
    private final String bootId;

    Launching(
            HostLock lock,
            Holdings holdings,
            Journal journal,
            Linux linux,
            KernelCheck kernel,
            Walls walls,
            LandlockPolicy landlock,
            VmProcesses processes,
            LaunchCheck launches,
            RuntimeDirectories runtime,
            Handovers handovers,
            Labels labels,
            Outputs outputs,
            Ending ending,
            String bootId) {
        this.lock = lock;
        this.holdings = holdings;
        this.journal = journal;
        this.linux = linux;
        this.kernel = kernel;
        this.walls = walls;
        this.landlock = landlock;
        this.processes = processes;
        this.launches = launches;
        this.runtime = runtime;
        this.handovers = handovers;
        this.applier = new PlanApplier(labels);
        this.handing = new Handing(linux.open());
        this.copies = new LocalCopies(linux.open(), linux.attributes());
        this.outputs = outputs;
        this.ending = ending;
        this.bootId = bootId;
    }

    /** How far a start has come. */
    sealed interface Step {}

    /** As far as it will. */
    record Over(StartOutcome outcome) implements Step {}

    /** Nowhere yet, and all is as before: a file system that seemed to take labels does not, so the plan is another one. */
    record PlanAgain() implements Step {}

    /** Nowhere yet: these files are to be handed over, and have to be made first. */
    record OutputsMissing(List<HostPath> paths) implements Step {
        OutputsMissing {
            paths = List.copyOf(paths);
        }
    }

    /**
     * The labels are set; there are files that have to be handed over.
     *
     * @param made files that were not there
     */
    record Labelled(
            StartRequest request,
            Preparation.Prepared prepared,
            VmRecord vm,
            Handing.Possible handover,
            List<Outputs.NewFile> made)
            implements Step {
        Labelled {
            made = List.copyOf(made);
        }
    }

    /** With the lock held. */
    Step start(StartRequest request, FileSet files, Preparation.Prepared prepared) {
        return switch (rewrite(request, files, prepared)) {
            case Handing.NotPossible(List<Problem> problems) -> notStarted(problems);
            case Handing.Possible handover -> {
                List<HostPath> missing = prepared.plan().files().stream()
                        .filter(file -> file.treatment() == Treatment.PASS)
                        .map(PlannedFile::facts)
                        .filter(facts -> facts.identity().isEmpty())
                        .map(FileFacts::path)
                        .toList();
                yield missing.isEmpty() ? start(request, files, prepared, handover) : new OutputsMissing(missing);
            }
        };
    }

    /** Only what is run can be handed anything; without a command line there is nothing to rewrite. */
    private Handing.Outcome rewrite(StartRequest request, FileSet files, Preparation.Prepared prepared) {
        return request.commandLine()
                .map(commandLine -> Handing.rewrite(commandLine, files, prepared.plan(), runtime.path(request.name())))
                .orElseGet(() -> new Handing.Possible(new Rewriting.Rewritten(List.of(), List.of()), Map.of()));
    }

    private Step start(StartRequest request, FileSet files, Preparation.Prepared prepared, Handing.Possible handover) {
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
        Taking taking = new Taking(holdings, applier, linux, kernel, bootId, Optional.empty());
        boolean started = false;
        try {
            List<Problem> problems =
                    label(request, files, prepared, taking, handover.rewritten().sets(), claimed);
            if (!problems.isEmpty()) {
                boolean again = problems.stream().allMatch(one -> one.kind() == Problem.Kind.LABELS_UNAVAILABLE);
                return again ? new PlanAgain() : notStarted(problems);
            }
            claimed.ifPresent(process -> processes.watch(request.name(), process.pidfd()));
            started = true;
        } finally {
            if (!started) {
                claimed.ifPresent(process -> process.pidfd().close());
                runtime.remove(request.name());
            }
        }
        Labelled labelled =
                new Labelled(request, prepared, holdings.vm(request.name()).orElseThrow(), handover, taking.made());
        return handover.isNeeded() ? labelled : new Over(new StartOutcome.Started(finish(labelled, files)));
    }

    private List<Problem> label(
            StartRequest request,
            FileSet files,
            Preparation.Prepared prepared,
            Taking taking,
            List<DescriptorSet> sets,
            Optional<VmProcesses.Claimed> process) {
        if (request.launch() == StartRequest.Launch.RUN) {
            Optional<SecurityContext> image =
                    walls.isSelinuxActive() ? Optional.of(prepared.contexts().image()) : Optional.empty();
            Optional<Problem> problem = runtime.create(
                    request.name(),
                    image,
                    request.owner().uid(),
                    request.owner().gid());
            if (problem.isPresent()) {
                return List.of(problem.get());
            }
        }
        return new Start(holdings, journal, taking, bootId)
                .run(
                        request,
                        files,
                        prepared,
                        sets,
                        process.map(VmProcesses.Claimed::identity),
                        walls.confinement(request, prepared.contexts().process()));
    }

    /** With no lock held. */
    StartOutcome handOver(Labelled labelled, FileSet files) {
        List<HandedDescriptor> handed = List.of();
        boolean complete = false;
        try {
            Optional<Problem> problem = copy(labelled, files);
            if (problem.isPresent()) {
                return new StartOutcome.NotStarted(List.of(problem.get()));
            }
            handed = handing.open(files, labelled.handover().rewritten().sets());
            StartOutcome outcome = offer(labelled, files, handed);
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
                giveUp(labelled);
            }
        }
    }

    private Optional<Problem> copy(Labelled labelled, FileSet files) {
        Optional<SecurityContext> content = walls.isSelinuxActive()
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

    private StartOutcome offer(Labelled labelled, FileSet files, List<HandedDescriptor> handed) {
        return lock.holding(() -> {
            if (stillHeld(labelled.vm()).isEmpty()) {
                return new StartOutcome.NotStarted(List.of(new Problem(
                        Problem.Kind.PROCESS_ENDED,
                        Optional.empty(),
                        "it was stopped, or its process ended, while its files were being opened")));
            }
            VmView view = finish(labelled, files);
            if (!handed.isEmpty()) {
                handovers.offer(labelled.vm().process().orElseThrow(), handed);
            }
            return new StartOutcome.Started(view);
        });
    }

    /** The VM of this very start, as it is by now: a disk may have joined it. */
    private Optional<VmRecord> stillHeld(VmRecord started) {
        return holdings.vm(started.name())
                .filter(vm -> vm.phase() == VmRecord.Phase.RUNNING
                        && vm.process().equals(started.process())
                        && vm.contexts().equals(started.contexts()));
    }

    private void giveUp(Labelled labelled) {
        lock.lock();
        try {
            stillHeld(labelled.vm()).ifPresent(ending::giveUp);
        } finally {
            lock.unlock();
        }
        outputs.remove(labelled.made())
                .forEach(problem -> LOG.warn("VM {}: {}", labelled.vm().name(), problem.message()));
    }

    /** The answer; and from now on it is watched what becomes of a VM that started itself. */
    private VmView finish(Labelled labelled, FileSet files) {
        StartRequest request = labelled.request();
        Plan plan = labelled.prepared().plan();
        VmRecord vm = labelled.vm();
        SecurityContext process = vm.contexts().process();
        List<Problem> warnings = new ArrayList<>(files.warnings());
        warnings.addAll(kernel.openable(process, plan.passed()));
        warnings.addAll(kernel.openAtRest(process, plan.files()));
        warnings.addAll(walls.warnings(vm));
        Set<Wall> standing = walls.of(request, process, plan.passed());
        warnings.addAll(Walls.warnings(request, standing));
        if (standing.isEmpty()) {
            LOG.warn("VM {}: its labels are written, and nothing enforces them", request.name());
        }
        if (request.launch() == StartRequest.Launch.RUN && standing.contains(Wall.SELINUX)) {
            launches.expect(vm);
        }
        return Views.held(
                vm,
                holdings,
                standing,
                runtime.of(vm.name()),
                vm.landlock() ? allowances(labelled) : List.of(),
                warnings,
                Optional.of(labelled.handover())
                        .filter(Handing.Possible::isNeeded)
                        .map(Handing.Possible::rewritten));
    }

    private List<Allowance> allowances(Labelled labelled) {
        Map<HostPath, FileIdentity> made =
                labelled.made().stream().collect(Collectors.toMap(Outputs.NewFile::path, Outputs.NewFile::identity));
        List<Allowance> allowances = landlock
                .allowances(labelled.prepared().plan().files())
                .stream()
                .map(allowance -> allowance.made(Optional.ofNullable(made.get(allowance.path()))))
                .collect(Collectors.toCollection(ArrayList::new));
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
