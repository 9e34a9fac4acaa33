package labeler.lifecycle.disk;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.journal.DiskRecord;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.FileAcquisition;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.linux.LinuxException;
import labeler.problem.Problem;
import labeler.work.FileSystemTask;

/** Labels and opens the files of a disk that joins a VM, and gives them back. Works without the lock. */
public final class DiskFiles {
    private final Ledger ledger;
    private final Release release;
    private final KernelCheck kernel;
    private final DescriptorHandover handover;
    private final VmViews views;

    @Inject
    DiskFiles(Ledger ledger, Release release, KernelCheck kernel, DescriptorHandover handover, VmViews views) {
        this.ledger = ledger;
        this.release = release;
        this.kernel = kernel;
        this.handover = handover;
        this.views = views;
    }

    FileAcquisition.Taker join(VmRecord vm, DiskRecord disk) {
        return new DiskJoin(ledger, release, vm, disk);
    }

    /** Sets the labels of a disk that is on record, and opens the files that are to be handed over. */
    DiskAttach.Step label(DiskAttach.Recorded recorded, FileSet files, FileSystemTask errand) {
        VmRecord vm = recorded.vm();
        boolean complete = false;
        List<HandedDescriptor> descriptors = List.of();
        try {
            List<Problem> problems = recorded.files().label(recorded.join());
            if (!problems.isEmpty()) {
                return new DiskAttach.TakenBack(problems);
            }
            try {
                descriptors = handover.open(files, recorded.blockdevs().sets());
            } catch (LinuxException e) {
                return notJoined(recorded, "what is to be handed over cannot be opened (" + e.getMessage() + ")");
            }
            if (!errand.isWanted()) {
                return notJoined(recorded, "its files were there too late; try again");
            }
            List<Problem> warnings = DiskJoin.warnings(files);
            warnings.addAll(kernel.warnings(vm.contexts().process(), recorded.plan()));
            VmRecord joined = ledger.holdings().vm(vm.name()).orElse(vm);
            complete = true;
            return new DiskAttach.Joined(joined, recorded.disk(), recorded.blockdevs(), descriptors, warnings);
        } finally {
            if (!complete) {
                descriptors.forEach(HandedDescriptor::close);
            }
        }
    }

    /** The VM with the disk. */
    VmView view(VmRecord vm, List<Problem> warnings) {
        return views.of(vm, warnings);
    }

    private DiskAttach.TakenBack notJoined(DiskAttach.Recorded recorded, String message) {
        return new DiskAttach.TakenBack(Stream.concat(
                        Stream.of(Problem.of(Problem.Kind.LABEL_NOT_SET, message)),
                        giveBack(recorded.vm(), recorded.disk()).stream())
                .toList());
    }

    /** Gives back the files of a disk that did not join, unless they have gone with their VM. */
    List<Problem> giveBack(VmRecord vm, DiskRecord disk) {
        return leave(vm, disk, VmReport::problems, List::of, List::of);
    }

    /**
     * Gives back the files of a disk that leaves.
     *
     * @param gone the answer if the VM, and its files with it, has gone in the meantime
     * @param busy the answer if somebody else is at work on the VM
     */
    <T> T leave(VmRecord vm, DiskRecord disk, Function<VmReport, T> left, Supplier<T> gone, Function<Problem, T> busy) {
        return ledger.claims()
                .having(
                        vm.name(),
                        Claims.Doing.CHANGING,
                        () -> ledger.holdings()
                                .vm(vm.name())
                                .filter(now -> now.disk(disk.name()).equals(Optional.of(disk)))
                                .map(now -> left.apply(release.leave(now, disk)))
                                .orElseGet(gone),
                        busy);
    }
}
