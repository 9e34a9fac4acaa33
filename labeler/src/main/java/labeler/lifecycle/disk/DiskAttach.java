package labeler.lifecycle.disk;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.journal.DiskRecord;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.FileAcquisition;
import labeler.lifecycle.hold.HeldImages;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.MissingOutputs;
import labeler.lifecycle.plan.PlanMaker;
import labeler.linux.HostPath;
import labeler.plan.HandoverSupport;
import labeler.plan.Plan;
import labeler.problem.Problem;
import labeler.reference.ReadHeader;
import labeler.vm.qemu.hotplug.HotplugDisk;
import labeler.work.FileSystemTask;

/** The first half of an attach: labels the files of a disk, and opens those that are to be handed over. */
public final class DiskAttach {
    private final Ledger ledger;
    private final FileAcquisition.Factory acquisitions;
    private final PlanMaker planMaker;
    private final DiskFiles diskFiles;
    private final MonitorAccess monitor;
    private final HeldImages images;
    private final MissingOutputs outputs;

    @Inject
    DiskAttach(
            Ledger ledger,
            FileAcquisition.Factory acquisitions,
            PlanMaker planMaker,
            DiskFiles diskFiles,
            MonitorAccess monitor,
            HeldImages images,
            MissingOutputs outputs) {
        this.ledger = ledger;
        this.acquisitions = acquisitions;
        this.planMaker = planMaker;
        this.diskFiles = diskFiles;
        this.monitor = monitor;
        this.images = images;
        this.outputs = outputs;
    }

    /** The progress of an attach. */
    sealed interface Step {}

    /** No label was set. */
    record Over(List<Problem> problems) implements Step, Inner {}

    /** Labels were set for a short time, in which the VM could open the files. */
    record TakenBack(List<Problem> problems) implements Step {}

    /**
     * The labels are set, and qemu is to be told. From now on the VM's monitor counts as busy.
     *
     * @param descriptors to be handed over; whoever does so closes them
     */
    record Joined(
            VmRecord vm,
            DiskRecord disk,
            HotplugDisk.Blockdevs blockdevs,
            List<HandedDescriptor> descriptors,
            List<Problem> warnings)
            implements Step {}

    /** The progress while the lock is held. */
    sealed interface Inner {}

    /** Something has changed in the meantime. */
    private record Again() implements Inner {}

    private record FilesMissing(List<HostPath> paths) implements Inner {}

    record Recorded(
            VmRecord vm,
            DiskRecord disk,
            HotplugDisk.Blockdevs blockdevs,
            Plan plan,
            FileAcquisition.Taker join,
            FileAcquisition files)
            implements Inner {}

    /** Runs on a thread of the file systems; the VM existed a moment ago. */
    Step attach(AttachRequest request, FileSet files, FileSystemTask errand) {
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

    private Step attach(AttachRequest request, FileSet files, FileSystemTask errand, long deadline) {
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

    private Step made(
            AttachRequest request, FileSet files, List<HostPath> paths, FileSystemTask errand, long deadline) {
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
            FileAcquisition acquisition =
                    acquisitions.look(files, Optional.of(request.disk().name()));
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
                ? Optional.of(Problem.of(Problem.Kind.PROCESS_ENDED, "the VM has ended"))
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
            case HotplugDisk.NotPossible(List<Problem> problems) -> new Over(problems);
            case HotplugDisk.Blockdevs blockdevs -> record(request, vm, files, prepared.plan(), blockdevs, acquisition);
        };
    }

    private Inner record(
            AttachRequest request,
            VmRecord vm,
            FileSet files,
            Plan plan,
            HotplugDisk.Blockdevs blockdevs,
            FileAcquisition acquisition) {
        Optional<Problem> refusal = MissingOutputs.refusal(plan, request.owner().uid());
        if (refusal.isPresent()) {
            return new Over(List.of(refusal.get()));
        }
        List<HostPath> missing = MissingOutputs.missing(plan);
        if (!missing.isEmpty()) {
            return new FilesMissing(missing);
        }
        HotplugDisk added = request.disk();
        DiskRecord disk = new DiskRecord(
                added.name(),
                added.device().map(device -> device.text("id")),
                added.nodes(),
                request.monitor().orElseGet(() -> monitor.socket(vm.name())));
        FileAcquisition.Taker join = diskFiles.join(vm, disk);
        List<Problem> problems = acquisition.record(join, Claims.Doing.CHANGING, files, plan, blockdevs.sets());
        if (!problems.isEmpty()) {
            return new Over(problems);
        }
        monitor.begin(vm.name());
        return new Recorded(vm, disk, blockdevs, plan, join, acquisition);
    }

    /** Runs without the lock. */
    private Step joined(Recorded recorded, FileSet files, FileSystemTask errand) {
        boolean complete = false;
        try {
            Step step = diskFiles.label(recorded, files, errand);
            complete = step instanceof Joined;
            return step;
        } finally {
            if (!complete) {
                monitor.finish(recorded.vm().name());
            }
        }
    }

    private Optional<Problem> obstacle(AttachRequest request, VmRecord vm) {
        Optional<Problem> unspeakable = monitor.obstacle(vm);
        if (unspeakable.isPresent()) {
            return unspeakable;
        }
        String disk = request.disk().name();
        if (vm.disk(disk).isPresent()) {
            return Optional.of(Problem.of(
                    Problem.Kind.IN_USE,
                    "VM " + vm.name() + " has a disk " + disk + " already; detach that, or give this one another id"));
        }
        if (vm.landlock() && request.owner().uid() != 0) {
            return Optional.of(Problem.of(
                    Problem.Kind.LABELS_UNAVAILABLE,
                    "VM " + vm.name() + " is confined by Landlock, so that what joins it has to be handed over, and the"
                            + " service hands files over to root alone: ask as root"));
        }
        return Optional.empty();
    }

    private static HandoverSupport passing(StartRequest.Owner owner) {
        return owner.uid() == 0
                ? new HandoverSupport.Possible()
                : new HandoverSupport.Impossible("the service hands files over to root alone: ask as root");
    }
}
