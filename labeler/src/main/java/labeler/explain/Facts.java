package labeler.explain;

import java.util.List;
import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.guard.record.AuditLine;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.work.WorkFileSystem;

/**
 * The facts that the service and the kernel have when something is explained.
 *
 * @param vms all that are held
 * @param file the file in question; empty if its whole name is not known
 * @param decisions lines of the audit log about this file, or about the end of a VM of this level; the oldest first
 * @param socket name of the guarded socket of a VM, with {@code NAME} in place of it
 */
public record Facts(List<VmView> vms, Optional<File> file, List<AuditLine> decisions, String socket) {
    public Facts {
        vms = List.copyOf(vms);
        decisions = List.copyOf(decisions);
    }

    /**
     * A file, and who holds it.
     *
     * @param look at its name just now
     * @param holds of VMs on it
     */
    public record File(HostPath path, Look look, List<Hold> holds) {
        public File {
            holds = List.copyOf(holds);
        }

        /** The file system that did not answer when somebody looked. */
        Optional<WorkFileSystem> silent() {
            return look instanceof Look.Silent(WorkFileSystem place) ? Optional.of(place) : Optional.empty();
        }
    }

    /** A VM's part in a file. */
    public record Hold(VmView vm, FileView file) {
        /** Whether the VM may write it. */
        boolean isWriting() {
            return file.uses().stream().anyMatch(FileUse::isWriting);
        }
    }
}
