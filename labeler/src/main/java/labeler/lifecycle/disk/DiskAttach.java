package labeler.lifecycle.disk;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import labeler.apply.PlanApplier;
import labeler.fileset.FileSet;
import labeler.journal.DiskRecord;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.FileAcquisition;
import labeler.lifecycle.hold.HeldImages;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.MissingOutputs;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanMaker;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.plan.Passing;
import labeler.plan.Plan;
import labeler.problem.Problem;
import labeler.reference.ReadHeader;
import labeler.vm.qemu.hotplug.AddedDisk;
import labeler.work.Errand;

/** The first half of an attach: the files of a disk are labelled, and what is to be handed over is opened. */
public final class DiskAttach {
    /** In the VM's runtime directory. */
    private static final String SOCKET = "qmp";

    private final Ledger ledger;
    private final Linux linux;
    private final KernelCheck kernel;
    private final PlanMaker planMaker;
    private final RuntimeDirectories runtime;
    private final Release release;
    private final MonitorAccess monitor;
    private final HeldImages images;

    public DiskAttach(
            Ledger ledger,
            Linux linux,
            KernelCheck kernel,
            PlanMaker planMaker,
            RuntimeDirectories runtime,
            Release release,
            MonitorAccess monitor,
            HeldImages images) {
        this.ledger = ledger;
        this.linux = linux;
        this.kernel = kernel;
        this.planMaker = planMaker;
        this.runtime = runtime;
        this.release = release;
        this.monitor = monitor;
        this.images = images;
    }

    /** How far it has come. */
    public sealed interface Step {}

    /** No label was set. */
    public record Over(List<Problem> problems) implements Step, Inner {}

    /** Labels were set for a moment, in which the VM could open the files. */
    public record TakenBack(List<Problem> problems) implements Step {}

    /**
     * The labels are set, and qemu is to be told. From now on it counts as spoken to.
     *
     * @param descriptors to be handed over, and closed by whoever does it
     */
    public record Joined(
            VmRecord vm,
            DiskRecord disk,
            AddedDisk.Blockdevs blockdevs,
            List<HandedDescriptor> descriptors,
            List<Problem> warnings)
            implements Step {}

    /** How far it has come with the lock held. */
    public sealed interface Inner {}

    /** Something has changed meanwhile. */
    private record Again() implements Inner {}

    private record FilesMissing(List<HostPath> paths) implements Inner {}

    private record Recorded(VmRecord vm, DiskRecord disk, AddedDisk.Blockdevs blockdevs, Plan plan, DiskJoin join)
            implements Inner {}

    /** On a thread of the file systems; the VM was there a moment ago. */
    Step attach(AttachRequest request, FileSet files, Errand errand) {
        List<Problem> relative = files.warnings().stream()
                .filter(warning -> warning.kind() == Problem.Kind.AMBIGUOUS)
                .toList();
        if (!relative.isEmpty()) {
            // A data file beside a directory of qemu's that is not known here; a start knows it, and only warns.
            return new Over(relative);
        }
        if (!files.problems().isEmpty()) {
            return new Over(files.problems());
        }
        return believed(
                request,
                files.headers(),
                () -> attach(request, files, errand, ledger.claims().deadline()));
    }

    private Step attach(AttachRequest request, FileSet files, Errand errand, long deadline) {
        while (true) {
            switch (step(request, files, deadline)) {
                case Over over -> {
                    return over;
                }
                case Again() -> {}
                case FilesMissing(List<HostPath> paths) -> {
                    return made(request, files, paths, errand, deadline);
                }
                case Recorded recorded -> {
                    return joined(recorded, files, errand);
                }
            }
        }
    }

    private Step believed(AttachRequest request, List<ReadHeader> headers, Supplier<Step> attach) {
        return images.attach(request, headers, attach, DiskAttach::given, Over::new);
    }

    private static HeldImages.Given given(Step step) {
        return switch (step) {
            case Over _ -> HeldImages.Given.NO;
            case TakenBack _ -> HeldImages.Given.FOR_A_MOMENT;
            case Joined _ -> HeldImages.Given.YES;
        };
    }

    private Step made(AttachRequest request, FileSet files, List<HostPath> paths, Errand errand, long deadline) {
        MissingOutputs outputs = new MissingOutputs(ledger.holdings(), linux.open());
        return switch (outputs.make(paths, request.owner())) {
            case MissingOutputs.NotMade(List<Problem> problems) -> new Over(problems);
            case MissingOutputs.Made made -> {
                errand.afterwards(made::close);
                Step step = believed(
                        request, made.headers(), () -> attach(request, files.with(made.files()), errand, deadline));
                yield switch (step) {
                    case Over(List<Problem> problems) -> new Over(with(problems, outputs.remove(made.newFiles())));
                    case TakenBack(List<Problem> problems) ->
                        new TakenBack(with(problems, outputs.remove(made.newFiles())));
                    case Joined joined -> joined;
                };
            }
        };
    }

    private static List<Problem> with(List<Problem> problems, List<Problem> more) {
        return Stream.concat(problems.stream(), more.stream()).toList();
    }

    private Inner step(AttachRequest request, FileSet files, long deadline) {
        ledger.claims().resume();
        Claims.Look look = ledger.look(files);
        try {
            FileAcquisition acquisition = new FileAcquisition(
                    ledger,
                    new PlanApplier(planMaker.labels()),
                    linux,
                    kernel,
                    Optional.of(request.disk().name()));
            acquisition.look(files);
            return switch (planMaker.look(Optional.empty(), files)) {
                case PlanMaker.NotLooked(Problem problem) -> new Over(List.of(problem));
                case PlanMaker.Looked looked ->
                    ledger.lock().holding(() -> join(request, files, looked, acquisition, look, deadline));
            };
        } finally {
            ledger.close(look);
        }
    }

    private Optional<String> inTheWay(AttachRequest request, FileSet files) {
        return ledger.claims().isTaken(request.name())
                ? Optional.of(ledger.claims().words(request.name()))
                : ledger.inTheWay(files);
    }

    private Inner join(
            AttachRequest request,
            FileSet files,
            PlanMaker.Looked looked,
            FileAcquisition acquisition,
            Claims.Look look,
            long deadline) {
        Optional<String> inTheWay = inTheWay(request, files);
        if (inTheWay.isPresent()) {
            return ledger.claims().await(() -> inTheWay(request, files).isEmpty(), deadline)
                    ? new Again()
                    : new Over(List.of(Claims.problem(inTheWay.get())));
        }
        Optional<VmRecord> held = ledger.holdings().vm(request.name());
        Optional<Problem> obstacle = held.isEmpty()
                ? Optional.of(problem(Problem.Kind.PROCESS_ENDED, "the VM has ended"))
                : obstacle(request, held.get());
        if (obstacle.isPresent()) {
            return new Over(List.of(obstacle.get()));
        }
        if (look.isStale()) {
            return new Again();
        }
        VmRecord vm = held.orElseThrow();
        PlanMaker.Prepared prepared =
                planMaker.prepareJoin(vm.contexts(), looked, ledger.holdings(), passing(request.owner()));
        if (!prepared.plan().problems().isEmpty()) {
            return new Over(prepared.plan().problems());
        }
        return switch (request.disk().commands(files.chains(), DiskJoin.handed(vm, files, prepared.plan()))) {
            case AddedDisk.NotPossible(List<Problem> problems) -> new Over(problems);
            case AddedDisk.Blockdevs blockdevs -> record(request, vm, files, prepared.plan(), blockdevs, acquisition);
        };
    }

    private Inner record(
            AttachRequest request,
            VmRecord vm,
            FileSet files,
            Plan plan,
            AddedDisk.Blockdevs blockdevs,
            FileAcquisition acquisition) {
        Optional<Problem> refusal = MissingOutputs.refusal(plan, request.owner().uid());
        if (refusal.isPresent()) {
            return new Over(List.of(refusal.get()));
        }
        List<HostPath> missing = MissingOutputs.missing(plan);
        if (!missing.isEmpty()) {
            return new FilesMissing(missing);
        }
        AddedDisk added = request.disk();
        DiskRecord disk = new DiskRecord(
                added.name(),
                added.device().map(device -> device.text("id")),
                added.nodes(),
                request.monitor()
                        .orElseGet(() -> HostPath.of(runtime.path(vm.name()).resolve(SOCKET))));
        DiskJoin join = new DiskJoin(ledger, acquisition, release);
        List<Problem> problems = join.record(vm, disk, files, plan, blockdevs.sets());
        if (!problems.isEmpty()) {
            return new Over(problems);
        }
        monitor.begin(vm.name());
        return new Recorded(vm, disk, blockdevs, plan, join);
    }

    /** Under no lock. */
    private Step joined(Recorded recorded, FileSet files, Errand errand) {
        VmRecord vm = recorded.vm();
        boolean complete = false;
        List<HandedDescriptor> descriptors = List.of();
        try {
            List<Problem> problems = recorded.join().label(vm, recorded.disk());
            if (!problems.isEmpty()) {
                return new TakenBack(problems);
            }
            try {
                descriptors = new DescriptorHandover(linux.open())
                        .open(files, recorded.blockdevs().sets());
            } catch (LinuxException e) {
                return notJoined(recorded, "what is to be handed over cannot be opened (" + e.getMessage() + ")");
            }
            if (!errand.isWanted()) {
                return notJoined(recorded, "its files were there too late; try again");
            }
            List<Problem> warnings = DiskJoin.warnings(files);
            warnings.addAll(
                    kernel.openable(vm.contexts().process(), recorded.plan().passed()));
            warnings.addAll(
                    kernel.openAtRest(vm.contexts().process(), recorded.plan().files()));
            VmRecord joined = ledger.holdings().vm(vm.name()).orElse(vm);
            complete = true;
            return new Joined(joined, recorded.disk(), recorded.blockdevs(), descriptors, warnings);
        } finally {
            if (!complete) {
                descriptors.forEach(HandedDescriptor::close);
                ledger.lock().holding(() -> {
                    monitor.end(vm.name());
                    return true;
                });
            }
        }
    }

    private TakenBack notJoined(Recorded recorded, String message) {
        return new TakenBack(
                with(List.of(problem(Problem.Kind.LABEL_NOT_SET, message)), givenBack(recorded.vm(), recorded.disk())));
    }

    /** Under no lock: gives the files of a disk back that did not join, unless they have gone with their VM. */
    List<Problem> givenBack(VmRecord vm, DiskRecord disk) {
        return ledger.claims()
                .having(
                        vm.name(),
                        Claims.Doing.CHANGING,
                        () -> ledger.holdings()
                                .vm(vm.name())
                                .filter(now -> now.disk(disk.name()).equals(Optional.of(disk)))
                                .map(now -> release.leave(now, disk).problems())
                                .orElse(List.of()),
                        List::of);
    }

    private Optional<Problem> obstacle(AttachRequest request, VmRecord vm) {
        Optional<Problem> unspeakable = monitor.obstacle(vm);
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

    private static Passing passing(StartRequest.Owner owner) {
        return owner.uid() == 0
                ? new Passing.Possible()
                : new Passing.Impossible("the service hands files over to root alone: ask as root");
    }

    private static Problem problem(Problem.Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }
}
