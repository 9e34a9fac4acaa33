package labeler.journal;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.descriptors.OpenMode;
import labeler.fileset.FileUse;
import labeler.linux.HostPath;
import labeler.plan.Treatment;

/**
 * A VM's hold on a file.
 *
 * @param file number of its {@link FileRecord}; empty for a file that is neither labelled nor handed over
 * @param path as this VM's definition or headers name it
 * @param disk name of the {@link DiskRecord} with which it joined; empty for one that the VM was started with
 * @param handed the ways it was opened for qemu, one for each descriptor; none for a file that qemu opens itself, and
 *     for one that was recorded before this column existed
 */
public record FileHold(
        OptionalLong file,
        HostPath path,
        Treatment treatment,
        String reason,
        List<FileUse> uses,
        Optional<String> disk,
        List<OpenMode> handed) {
    public FileHold {
        uses = List.copyOf(uses);
        handed = List.copyOf(handed);
    }

    /** A hold of the VM's start, on a file that qemu opens itself. */
    public FileHold(OptionalLong file, HostPath path, Treatment treatment, String reason, List<FileUse> uses) {
        this(file, path, treatment, reason, uses, Optional.empty(), List.of());
    }

    public boolean isOf(DiskRecord joined) {
        return disk.equals(Optional.of(joined.name()));
    }
}
