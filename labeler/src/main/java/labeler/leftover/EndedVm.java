package labeler.leftover;

import java.util.List;
import java.util.Optional;
import labeler.journal.FileRecord;
import labeler.linux.FileIdentity;
import labeler.selinux.Level;
import labeler.vm.VmName;

/**
 * A VM whose process is gone, and that is still on record, so that its pair is nobody else's.
 *
 * @param files that it holds with a label
 */
public record EndedVm(VmName name, Level level, List<FileRecord> files) {
    public EndedVm {
        files = List.copyOf(files);
    }

    Optional<FileRecord> file(FileIdentity identity) {
        return files.stream()
                .filter(file -> file.identity().isSameFile(identity))
                .findFirst();
    }
}
