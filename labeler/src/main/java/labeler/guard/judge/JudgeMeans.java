package labeler.guard.judge;

import java.util.List;
import labeler.guard.record.AuditLog;
import labeler.guard.sense.NameRules;
import labeler.guard.sense.Permissions;
import labeler.journal.FileHold;
import labeler.journal.VmRecord;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.follow.VmRun;
import labeler.vm.VmName;

/**
 * All that a judge works with.
 *
 * @param run the VM that was on record when the judge began; another of its name is another judge's
 * @param names the rules about names for this VM
 * @param owner of files that are made for the VM
 */
record JudgeMeans(
        VmRun run,
        QemuDialogue qemu,
        FollowedFiles files,
        AuditLog log,
        NameRules names,
        Permissions permissions,
        StartRequest.Owner owner) {
    VmName vm() {
        return run.name();
    }

    /** The holds that the VM has on record; none if it has ended. */
    List<FileHold> held() {
        return files.vm(run).map(VmRecord::files).orElse(List.of());
    }
}
