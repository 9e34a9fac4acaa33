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
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.Plan;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.qemu.Rewriting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A start whose plan has no problem: all that stands around the labels. Its caller has the lock. */
final class Starting {
    private static final Logger LOG = LoggerFactory.getLogger(Starting.class);

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
    private final String bootId;

    Starting(
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
            String bootId) {
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
        this.bootId = bootId;
    }

    StartOutcome start(StartRequest request, FileSet files, Preparation.Prepared prepared) {
        Handing.Possible handover;
        switch (rewrite(request, files, prepared)) {
            case Handing.Possible possible -> handover = possible;
            case Handing.NotPossible(List<Problem> problems) -> {
                return new StartOutcome.NotStarted(problems);
            }
        }
        List<HandedDescriptor> handed;
        try {
            handed = handing.open(files, handover.rewritten().sets());
        } catch (LinuxException e) {
            return refused(
                    Problem.Kind.UNREADABLE, "what is to be handed over cannot be opened (" + e.getMessage() + ")");
        }
        boolean offered = false;
        try {
            StartOutcome outcome = start(request, files, prepared, handover);
            offered = outcome instanceof StartOutcome.Started && !handed.isEmpty();
            if (offered) {
                handovers.offer(
                        holdings.vm(request.name()).orElseThrow().process().orElseThrow(), handed);
            }
            return outcome;
        } finally {
            if (!offered) {
                handed.forEach(HandedDescriptor::close);
            }
        }
    }

    /** Only what is run can be handed anything; without a command line there is nothing to rewrite. */
    private Handing.Outcome rewrite(StartRequest request, FileSet files, Preparation.Prepared prepared) {
        return request.commandLine()
                .map(commandLine -> Handing.rewrite(commandLine, files, prepared.plan(), runtime.path(request.name())))
                .orElseGet(() -> new Handing.Possible(new Rewriting.Rewritten(List.of(), List.of()), Map.of()));
    }

    /** For a VM that confines itself: its directory, and the copies in it. */
    private Optional<Problem> prepareDirectory(
            StartRequest request, FileSet files, Preparation.Prepared prepared, Handing.Possible handover) {
        Optional<SecurityContext> image =
                walls.isSelinuxActive() ? Optional.of(prepared.contexts().image()) : Optional.empty();
        Optional<Problem> problem = runtime.create(
                request.name(), image, request.owner().uid(), request.owner().gid());
        if (problem.isPresent()) {
            return problem;
        }
        Optional<SecurityContext> content = image.map(_ -> prepared.contexts().content());
        for (Map.Entry<HostPath, HostPath> copy : handover.copies().entrySet()) {
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

    private StartOutcome start(
            StartRequest request, FileSet files, Preparation.Prepared prepared, Handing.Possible handover) {
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
            if (request.launch() == StartRequest.Launch.RUN) {
                Optional<Problem> problem = prepareDirectory(request, files, prepared, handover);
                if (problem.isPresent()) {
                    return new StartOutcome.NotStarted(List.of(problem.get()));
                }
            }
            List<Problem> problems = new Start(
                            holdings, journal, applier, linux.open(), linux.handles(), kernel, bootId)
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
                runtime.remove(request.name());
            }
        }
        VmRecord vm = holdings.vm(request.name()).orElseThrow();
        List<Problem> warnings = new ArrayList<>(files.warnings());
        List<Problem> openable = kernel.openable(vm.contexts().process(), contextsOfPassed(prepared.plan()));
        warnings.addAll(openable);
        Set<Wall> standing = Walls.with(
                walls.of(request, vm.contexts().process()),
                !handover.rewritten().sets().isEmpty() && openable.isEmpty());
        if (standing.isEmpty()) {
            LOG.warn("VM {}: its labels are written, and nothing enforces them", request.name());
        }
        if (request.launch() == StartRequest.Launch.RUN && standing.contains(Wall.SELINUX)) {
            launches.expect(vm);
        }
        List<Allowance> allowances = new ArrayList<>();
        if (vm.landlock()) {
            allowances.addAll(landlock.allowances(prepared.plan().files()));
            handover.copies()
                    .values()
                    .forEach(copy -> allowances.add(new Allowance(copy, Allowance.Kind.READ, Optional.empty())));
        }
        return new StartOutcome.Started(Views.held(
                vm,
                holdings,
                standing,
                runtime.of(vm.name()),
                allowances,
                warnings,
                Optional.of(handover).filter(Handing.Possible::isNeeded).map(Handing.Possible::rewritten)));
    }

    private static Set<SecurityContext> contextsOfPassed(Plan plan) {
        return plan.files().stream()
                .filter(file -> file.treatment() == Treatment.PASS)
                .flatMap(file -> file.facts().label().context().stream())
                .collect(Collectors.toSet());
    }

    private static StartOutcome refused(Problem.Kind kind, String message) {
        return new StartOutcome.NotStarted(List.of(new Problem(kind, Optional.empty(), message)));
    }
}
