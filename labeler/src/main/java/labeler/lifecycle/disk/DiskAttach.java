package labeler.lifecycle.disk;

import jakarta.inject.Inject;
import java.util.List;
import labeler.fileset.FileSet;
import labeler.journal.DiskRecord;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.problem.Problem;
import labeler.vm.qemu.hotplug.HotplugDisk;
import labeler.work.FileSystemTask;

/** The first half of an attach: labels the files of a disk, and opens those that are to be handed over. */
record DiskAttach(JoiningFiles joining, DiskFiles diskFiles, MonitorAccess monitor) {
    @Inject
    DiskAttach {}

    /** The result. */
    sealed interface Step {}

    /** The disk did not join. */
    record Over(List<Problem> problems) implements Step {}

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

    /** Runs on a thread of the file systems; the VM existed a moment ago. */
    Step attach(AttachRequest request, FileSet files, FileSystemTask errand) {
        DiskRequest disk = new DiskRequest(request, diskFiles, monitor);
        boolean complete = false;
        try {
            Step step = step(request, disk, joining.take(disk, files, errand));
            complete = step instanceof Joined;
            return step;
        } finally {
            if (!complete && disk.hasBegun()) {
                monitor.finish(request.name());
            }
        }
    }

    private static Step step(AttachRequest request, DiskRequest disk, JoiningFiles.Outcome outcome) {
        return switch (outcome) {
            case JoiningFiles.Refused(List<Problem> problems) -> new Over(problems);
            case JoiningFiles.TakenBack(List<Problem> problems) -> new Over(problems);
            case JoiningFiles.Joined(JoinedFiles joined) ->
                // The same facts give the same commands again.
                switch (request.disk().commands(joined.chains(), joined.handed())) {
                    case HotplugDisk.Blockdevs blockdevs ->
                        new Joined(joined.vm(), disk.disk(), blockdevs, joined.descriptors(), joined.warnings());
                    case HotplugDisk.NotPossible(List<Problem> problems) ->
                        throw new IllegalStateException("possible before, and now " + problems);
                };
        };
    }
}
