package labeler.lifecycle.disk;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.acquisition.FileJoin;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugDisk;

/** One disk whose files are to join a VM. For one thread. */
final class DiskRequest implements FileJoin {
    private final AttachRequest request;
    private final DiskFiles diskFiles;
    private final MonitorAccess monitor;
    private boolean begun;

    DiskRequest(AttachRequest request, DiskFiles diskFiles, MonitorAccess monitor) {
        this.request = request;
        this.diskFiles = diskFiles;
        this.monitor = monitor;
    }

    DiskRecord disk() {
        HotplugDisk added = request.disk();
        return new DiskRecord(
                added.name(),
                added.device().map(device -> device.text("id")),
                added.nodes(),
                request.monitor().orElseGet(() -> monitor.socket(request.name())));
    }

    /** Whether the VM's monitor counts as busy because of this disk. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    public VmName vm() {
        return request.name();
    }

    @Override
    public HoldTrigger trigger() {
        return new HoldTrigger.Disk(request.disk().name());
    }

    @Override
    public int asker() {
        return request.owner().uid();
    }

    @Override
    public Optional<StartRequest.Owner> owner() {
        return Optional.of(request.owner());
    }

    @Override
    public Optional<Problem> obstacle(VmRecord vm) {
        Optional<Problem> unspeakable = monitor.obstacle(vm);
        String disk = request.disk().name();
        if (unspeakable.isPresent() || vm.disk(disk).isEmpty()) {
            return unspeakable;
        }
        return Optional.of(Problem.of(
                Problem.Kind.IN_USE,
                "VM " + vm.name() + " has a disk " + disk + " already; detach that, or give this one another id"));
    }

    @Override
    public JoiningFiles.Rewriting rewrite(List<ImageChain> chains, Predicate<HostPath> handed) {
        return switch (request.disk().commands(chains, handed)) {
            case HotplugDisk.NotPossible(List<Problem> problems) -> new JoiningFiles.NotPossible(problems);
            case HotplugDisk.Blockdevs blockdevs -> new JoiningFiles.Rewritten(blockdevs.sets());
        };
    }

    @Override
    public FileAcquisition.Taker taker(VmRecord vm) {
        return diskFiles.join(vm, disk());
    }

    @Override
    public void begun(VmRecord vm) {
        monitor.begin(vm.name());
        begun = true;
    }

    @Override
    public List<Problem> giveBack(VmRecord vm, List<FileHold> holds) {
        return diskFiles.giveBack(vm, disk());
    }
}
