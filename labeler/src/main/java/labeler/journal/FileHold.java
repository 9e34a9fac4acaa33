package labeler.journal;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.fileset.FileUse;
import labeler.linux.HostPath;
import labeler.plan.Treatment;

/**
 * A VM's hold on a file.
 *
 * @param file number of its {@link FileRecord}; empty for a file that is neither labelled nor handed over
 * @param path as this VM's definition or headers name it
 * @param disk name of the {@link DiskRecord} with which it joined; empty for one that the VM was started with
 */
public record FileHold(
        OptionalLong file,
        HostPath path,
        Treatment treatment,
        String reason,
        List<FileUse> uses,
        Optional<String> disk) {
    public FileHold {
        uses = List.copyOf(uses);
    }

    /** A hold of the VM's start. */
    public FileHold(OptionalLong file, HostPath path, Treatment treatment, String reason, List<FileUse> uses) {
        this(file, path, treatment, reason, uses, Optional.empty());
    }

    public boolean isOf(DiskRecord joined) {
        return disk.equals(Optional.of(joined.name()));
    }
}
