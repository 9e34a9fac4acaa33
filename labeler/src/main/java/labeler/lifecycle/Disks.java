package labeler.lifecycle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.apply.PlanApplier;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.DiskRecord;
import labeler.journal.Journal;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.launch.RuntimeDirectories;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.plan.Passing;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.qmp.Monitors;
import labeler.vm.VmName;
import labeler.vm.qemu.AddedDisk;
import labeler.vm.qemu.ChainLayer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks that join a running VM and leave it. Files are labelled before qemu is told of them, and given back when qemu has
 * let go of them. With qemu it is spoken under no lock: it may hang.
 */
final class Disks {
    private static final Logger LOG = LoggerFactory.getLogger(Disks.class);

    /** In the VM's runtime directory. */
    private static final String SOCKET = "qmp";

    private final HostLock lock;
    private final Holdings holdings;
    private final Journal journal;
    private final Linux linux;
    private final KernelCheck kernel;
    private final FileSetBuilder fileSets;
    private final Preparation preparation;
    private final VmProcesses processes;
    private final RuntimeDirectories runtime;
    private final PlanApplier applier;
    private final Handing handing;
    private final Release release;
    private final Monitors monitors;
    private final HeldImages images;
    private final String bootId;

    /** VMs whose qemu is being spoken to; guarded by the lock. */
    private final Set<VmName> busy = new HashSet<>();

    Disks(
            HostLock lock,
            Holdings holdings,
            Journal journal,
            Linux linux,
            KernelCheck kernel,
            FileSetBuilder fileSets,
            Preparation preparation,
            VmProcesses processes,
            RuntimeDirectories runtime,
            PlanApplier applier,
            Release release,
            Monitors monitors,
            HeldImages images,
            String bootId) {
        this.lock = lock;
        this.holdings = holdings;
        this.journal = journal;
        this.linux = linux;
        this.kernel = kernel;
        this.fileSets = fileSets;
        this.preparation = preparation;
        this.processes = processes;
        this.runtime = runtime;
        this.applier = applier;
        this.handing = new Handing(linux.open());
        this.release = release;
        this.monitors = monitors;
        this.images = images;
        this.bootId = bootId;
    }

    /** How far an attach has come. */
    private sealed interface Step {}

    private record Over(List<Problem> problems) implements Step {}

    /** The labels are set, and qemu is to be told. */
    private record Joined(VmRecord vm, DiskRecord disk, AddedDisk.Blockdevs blockdevs, List<Problem> warnings)
            implements Step {}

    /** What came of it: the VM as it is with the disk, or why it has none. */
    sealed interface Outcome {}

    record Attached(VmRecord vm, List<Problem> warnings) implements Outcome {}

    record NotAttached(List<Problem> problems) implements Outcome {}

    /** With no lock held; the VM was there a moment ago. */
    Outcome attach(AttachRequest request) {
        try (FileSet files = fileSets.build(request.disk().definition())) {
            List<Problem> relative = files.warnings().stream()
                    .filter(warning -> warning.kind() == Problem.Kind.AMBIGUOUS)
                    .toList();
            if (!relative.isEmpty()) {
                // A data file beside a directory of qemu's that is not known here; a start knows it, and only warns.
                return new NotAttached(relative);
            }
            if (!files.problems().isEmpty()) {
                return new NotAttached(files.problems());
            }
            return images.attach(request, files, () -> attach(request, files));
        }
    }

    private Outcome attach(AttachRequest request, FileSet files) {
        return switch (lock.holding(() -> join(request, files))) {
            case Over(List<Problem> problems) -> new NotAttached(problems);
            case Joined joined -> {
                try {
                    yield plug(request, joined, files);
                } finally {
                    finished(request.name());
                }
            }
        };
    }

    private Step join(AttachRequest request, FileSet files) {
        Optional<VmRecord> held = holdings.vm(request.name());
        Optional<Problem> obstacle = held.isEmpty()
                ? Optional.of(problem(Problem.Kind.PROCESS_ENDED, "the VM has ended"))
                : obstacle(request, held.get());
        if (obstacle.isPresent()) {
            return new Over(List.of(obstacle.get()));
        }
        VmRecord vm = held.orElseThrow();
        return switch (preparation.prepareJoin(vm.contexts(), files, holdings, passing(request.owner()))) {
            case Preparation.NoLevel(Problem problem) -> new Over(List.of(problem));
            case Preparation.Ready(Preparation.Prepared prepared)
            when !prepared.plan().problems().isEmpty() ->
                new Over(prepared.plan().problems());
            case Preparation.Ready(Preparation.Prepared prepared) ->
                switch (request.disk().commands(files.chains(), handed(vm, files, prepared.plan()))) {
                    case AddedDisk.NotPossible(List<Problem> problems) -> new Over(problems);
                    case AddedDisk.Blockdevs blockdevs -> join(request, vm, files, prepared.plan(), blockdevs);
                };
        };
    }

    private Step join(AttachRequest request, VmRecord vm, FileSet files, Plan plan, AddedDisk.Blockdevs blockdevs) {
        AddedDisk added = request.disk();
        DiskRecord disk = new DiskRecord(
                added.name(),
                added.device().map(device -> device.text("id")),
                added.nodes(),
                request.monitor()
                        .orElseGet(() -> HostPath.of(runtime.path(vm.name()).resolve(SOCKET))));
        Taking taking = new Taking(holdings, applier, linux, kernel, bootId, Optional.of(disk.name()));
        List<Problem> problems =
                new Joining(holdings, journal, taking).run(vm, disk, files, plan, blockdevs.sets(), request.owner());
        if (!problems.isEmpty()) {
            return new Over(problems);
        }
        busy.add(vm.name());
        List<Problem> warnings = Joining.warnings(files);
        warnings.addAll(kernel.openable(vm.contexts().process(), plan.passed()));
        warnings.addAll(kernel.openAtRest(vm.contexts().process(), plan.files()));
        return new Joined(holdings.vm(vm.name()).orElseThrow(), disk, blockdevs, warnings);
    }

    private Optional<Problem> obstacle(AttachRequest request, VmRecord vm) {
        Optional<Problem> unspeakable = unspeakable(vm);
        if (unspeakable.isPresent()) {
            return unspeakable;
        }
        String disk = request.disk().name();
        if (vm.disk(disk).isPresent()) {
            return Optional.of(problem(
                    Problem.Kind.IN_USE,
                    "VM " + vm.name() + " has a disk " + disk + " already; detach that, or give this one another id"));
        }
        if (vm.landlock() && request.owner().uid() != 0) {
            return Optional.of(problem(
                    Problem.Kind.LABELS_UNAVAILABLE,
                    "VM " + vm.name() + " is confined by Landlock, so that what joins it has to be handed over, and the"
                            + " service hands files over to root alone: ask as root"));
        }
        return Optional.empty();
    }

    /** Why this VM's qemu cannot be spoken to just now. */
    private Optional<Problem> unspeakable(VmRecord vm) {
        if (busy.contains(vm.name())) {
            return Optional.of(problem(
                    Problem.Kind.IN_USE, "another disk of VM " + vm.name() + " is being attached or detached; wait"));
        }
        if (vm.process().isEmpty()) {
            return Optional.of(problem(
                    Problem.Kind.UNSUPPORTED,
                    "nobody told which process VM " + vm.name() + " is, so that its monitor cannot be known to be its"
                            + " own; start it with labeler run, or with --pid"));
        }
        return vm.phase() == VmRecord.Phase.RUNNING && processes.isAlive(vm)
                ? Optional.empty()
                : Optional.of(problem(
                        Problem.Kind.PROCESS_ENDED, "VM " + vm.name() + " was stopped, or its process has ended"));
    }

    private static Passing passing(StartRequest.Owner owner) {
        return owner.uid() == 0
                ? new Passing.Possible()
                : new Passing.Impossible("the service hands files over to root alone: ask as root");
    }

    /** A ruleset of Landlock cannot be widened: behind one, qemu gets every file as a descriptor. */
    private static Predicate<HostPath> handed(VmRecord vm, FileSet files, Plan plan) {
        Set<HostPath> handed = plan.files().stream()
                .filter(file -> isHanded(file.treatment(), vm.landlock()))
                .map(PlannedFile::facts)
                .map(facts -> facts.path())
                .collect(Collectors.toSet());
        if (vm.landlock()) {
            files.chains().stream()
                    .flatMap(chain -> chain.layers().stream())
                    .map(ChainLayer::path)
                    .map(name -> files.names().getOrDefault(name, name))
                    .forEach(handed::add);
        }
        return name -> handed.contains(files.names().getOrDefault(name, name));
    }

    private static boolean isHanded(Treatment treatment, boolean landlock) {
        return switch (treatment) {
            case PASS -> true;
            case LABEL -> landlock;
            case LEAVE, REFUSE -> false;
        };
    }

    private Outcome plug(AttachRequest request, Joined joined, FileSet files) {
        List<HandedDescriptor> descriptors = List.of();
        DiskDialogue.Outcome outcome;
        try {
            descriptors = handing.open(files, joined.blockdevs().sets());
            outcome = plug(request, joined, descriptors);
        } catch (LinuxException e) {
            outcome = new DiskDialogue.Refused("what is to be handed over cannot be opened (" + e.getMessage() + ")");
        } finally {
            descriptors.forEach(HandedDescriptor::close);
        }
        return switch (outcome) {
            case DiskDialogue.Done() -> lock.holding(() -> stillThere(joined));
            case DiskDialogue.Refused(String message) -> lock.holding(() -> givenBack(joined, message));
            case DiskDialogue.Unknown(String message) ->
                new NotAttached(List.of(problem(
                        Problem.Kind.LABEL_NOT_SET,
                        message + "; what qemu has of the disk is not known, so that its files stay with the VM until"
                                + " labeler disk detach " + joined.vm().name() + " "
                                + joined.disk().name() + ", or its end")));
        };
    }

    private DiskDialogue.Outcome plug(AttachRequest request, Joined joined, List<HandedDescriptor> descriptors) {
        VmRecord vm = joined.vm();
        return switch (monitors.open(
                joined.disk().monitor(), pid(vm), vm.contexts().level())) {
            case Monitors.NotOpen(String message) -> new DiskDialogue.Refused(message);
            case Monitors.Open(var monitor) -> {
                try (monitor) {
                    // Its number could have been another's by the time of the connection.
                    yield processes.isAlive(vm)
                            ? new DiskDialogue(monitor, joined.disk().name())
                                    .plug(joined.blockdevs(), request.disk().device(), descriptors)
                            : new DiskDialogue.Refused("the VM's process has ended");
                }
            }
        };
    }

    private static Pid pid(VmRecord vm) {
        return vm.process().map(ProcessIdentity::pid).orElseThrow();
    }

    /** The VM may have been stopped, or have ended, in between; then its files went the way of all the others. */
    private Outcome stillThere(Joined joined) {
        return holdings.vm(joined.vm().name())
                .filter(vm -> vm.equals(joined.vm()))
                .<Outcome>map(vm -> new Attached(vm, joined.warnings()))
                .orElseGet(() -> new NotAttached(List.of(problem(
                        Problem.Kind.PROCESS_ENDED, "the VM was stopped, or its process ended, in the meantime"))));
    }

    private Outcome givenBack(Joined joined, String message) {
        List<Problem> problems = new ArrayList<>(List.of(problem(Problem.Kind.LABEL_NOT_SET, message)));
        holdings.vm(joined.vm().name())
                .filter(vm -> vm.disk(joined.disk().name()).equals(Optional.of(joined.disk())))
                .ifPresent(vm -> {
                    VmReport report = release.leave(vm, joined.disk());
                    problems.addAll(report.problems());
                    LOG.info(
                            "VM {}: disk {} did not join: {}",
                            vm.name(),
                            joined.disk().name(),
                            Ending.summary(report));
                });
        return new NotAttached(problems);
    }

    private void finished(VmName name) {
        lock.holding(() -> busy.remove(name));
    }

    /** What a detach begins with. */
    private sealed interface Found {}

    private record NotFound(Problem problem) implements Found {}

    private record Leaving(VmRecord vm, DiskRecord disk) implements Found {}

    /** With no lock held; the VM was there a moment ago. */
    DetachOutcome detach(DetachRequest request) {
        return switch (lock.holding(() -> leaving(request))) {
            case NotFound(Problem problem) -> new DetachOutcome.NotDetached(List.of(problem));
            case Leaving leaving -> {
                try {
                    yield detach(request, leaving);
                } finally {
                    finished(request.name());
                }
            }
        };
    }

    private Found leaving(DetachRequest request) {
        Optional<VmRecord> vm = holdings.vm(request.name());
        Optional<DiskRecord> disk = vm.flatMap(held -> held.disk(request.disk()));
        if (vm.isEmpty() || disk.isEmpty()) {
            String all = vm.stream()
                    .flatMap(held -> held.disks().stream())
                    .map(DiskRecord::name)
                    .collect(Collectors.joining(", "));
            return new NotFound(problem(
                    Problem.Kind.MISSING,
                    "no disk of that name has joined VM " + request.name() + "; those that have: "
                            + (all.isEmpty() ? "none" : all)));
        }
        Optional<Problem> unspeakable = unspeakable(vm.get());
        if (unspeakable.isPresent()) {
            return new NotFound(unspeakable.get());
        }
        busy.add(request.name());
        return new Leaving(vm.get(), disk.get());
    }

    private DetachOutcome detach(DetachRequest request, Leaving leaving) {
        DiskDialogue.Outcome outcome = switch (monitors.open(
                request.monitor().orElse(leaving.disk().monitor()),
                pid(leaving.vm()),
                leaving.vm().contexts().level())) {
            case Monitors.NotOpen(String message) -> new DiskDialogue.Refused(message);
            case Monitors.Open(var monitor) -> {
                try (monitor) {
                    yield processes.isAlive(leaving.vm())
                            ? new DiskDialogue(monitor, leaving.disk().name()).unplug(leaving.disk())
                            : new DiskDialogue.Refused("the VM's process has ended");
                }
            }
        };
        return switch (outcome) {
            case DiskDialogue.Done() -> lock.holding(() -> left(leaving));
            case DiskDialogue.Refused(String message) -> kept(message);
            case DiskDialogue.Unknown(String message) -> kept(message + "; detach it again");
        };
    }

    private static DetachOutcome kept(String message) {
        return new DetachOutcome.NotDetached(List.of(problem(Problem.Kind.LABEL_NOT_SET, message)));
    }

    private DetachOutcome left(Leaving leaving) {
        return holdings.vm(leaving.vm().name())
                .filter(vm -> vm.disk(leaving.disk().name()).equals(Optional.of(leaving.disk())))
                .<DetachOutcome>map(vm -> new DetachOutcome.Detached(release.leave(vm, leaving.disk())))
                .orElseGet(() -> kept("the VM has ended in the meantime, and its files are given back"));
    }

    private static Problem problem(Problem.Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }
}
