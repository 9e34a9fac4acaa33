package labeler.lifecycle.disk;

import jakarta.inject.Inject;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.VmRecord;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.release.HoldSettlement;
import labeler.lifecycle.release.Release;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** Puts the files of a disk that joins a VM on record, and gives them back. Works without the lock. */
record DiskFiles(Ledger ledger, Release release, HoldSettlement settlement, VmViews views) {
    @Inject
    DiskFiles {}

    FileAcquisition.Taker join(VmRecord vm, DiskRecord disk) {
        return new DiskJoin(ledger, release, vm, disk);
    }

    /** The VM with the disk. */
    VmView view(VmRecord vm, List<Problem> warnings) {
        return views.of(vm, warnings);
    }

    /**
     * qemu has all of a disk, which a guard may have seen already. Answers the VM as it is now, unless it ends, or the disk
     * has gone with it.
     */
    Optional<VmRecord> joined(VmName name, DiskRecord disk) {
        return running(name, disk)
                .flatMap(_ -> ledger.claims()
                        .having(name, Claims.Doing.CHANGING, () -> known(name, disk), _ -> running(name, disk)));
    }

    private Optional<VmRecord> known(VmName name, DiskRecord disk) {
        Optional<VmReport> _ = running(name, disk).map(vm -> settlement.joined(vm, List.of(disk.joined())));
        return running(name, disk);
    }

    private Optional<VmRecord> running(VmName name, DiskRecord disk) {
        return ledger.holdings()
                .vm(name)
                .filter(vm -> vm.phase() == VmRecord.Phase.RUNNING
                        && vm.disk(disk.name()).filter(disk::isSame).isPresent());
    }

    /** Gives back the files of a disk that did not join, unless they have gone with their VM. */
    List<Problem> giveBack(VmRecord vm, DiskRecord disk) {
        return leave(vm, disk, VmReport::problems, List::of, List::of);
    }

    /**
     * Gives back the files of a disk that leaves. The report has those as well that a guard has given back before.
     *
     * @param vm as it was with the disk
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
                                .filter(now -> now.disk(disk.name())
                                        .filter(disk::isSame)
                                        .isPresent())
                                .map(now -> left.apply(leave(now, disk).joinedBy(release.gone(vm, now, disk))))
                                .orElseGet(gone),
                        busy);
    }

    /** A file that the VM keeps for less than the disk had it for gets the label of what is left. */
    private VmReport leave(VmRecord vm, DiskRecord disk) {
        Set<Long> ofDisk = files(vm.files().stream().filter(hold -> hold.isOf(disk)));
        VmReport report = release.leave(vm, disk);
        return ledger.holdings()
                .vm(vm.name())
                .filter(now -> !Collections.disjoint(files(now.files().stream()), ofDisk))
                .filter(now -> now.phase() == VmRecord.Phase.RUNNING)
                .map(now -> settlement.settle(now, now.files()))
                .map(kept -> report.joinedBy(kept.files()).with(kept.problems()))
                .orElse(report);
    }

    private static Set<Long> files(Stream<FileHold> holds) {
        return holds.flatMapToLong(hold -> hold.file().stream()).boxed().collect(Collectors.toSet());
    }
}
