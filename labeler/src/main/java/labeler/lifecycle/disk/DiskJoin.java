package labeler.lifecycle.disk;

import java.util.List;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.release.Release;
import labeler.problem.Problem;

/**
 * One disk that joins a VM.
 *
 * @param vm the VM before
 */
record DiskJoin(Ledger ledger, Release release, VmRecord vm, DiskRecord disk) implements FileAcquisition.Taker {
    @Override
    public VmRecord record(List<FileHold> holds, List<FileRecord> newFiles) throws JournalException {
        ledger.journal().recordJoin(vm.name(), disk, holds, newFiles);
        return vm.joinedBy(disk, holds);
    }

    @Override
    public Release.Decision leave(VmRecord joined) {
        return release.leaving(joined, disk);
    }

    @Override
    public void end(VmRecord joined, List<Problem> problems) {
        release.end(joined, disk, "; then run labeler disk detach", problems);
    }
}
