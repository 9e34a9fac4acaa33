package labeler.leftover;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.selinux.Level;
import labeler.vm.VmName;

/**
 * A VM whose process is gone, and that is still on record, so that its pair is nobody else's.
 *
 * @param files that it holds with a label
 * @param left the names of files that it held and whose labels its start has left as they were
 */
public record EndedVm(VmName name, Level level, List<FileRecord> files, Set<HostPath> left) {
    public EndedVm {
        files = List.copyOf(files);
        left = Set.copyOf(left);
    }

    Optional<FileRecord> file(FileIdentity identity) {
        return files.stream()
                .filter(file -> file.identity().isSameFile(identity))
                .findFirst();
    }
}
