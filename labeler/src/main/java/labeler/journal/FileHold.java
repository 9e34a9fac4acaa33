package labeler.journal;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.fileset.FileUse;
import labeler.linux.HostPath;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;

/**
 * A VM's hold on a file. A VM may have several on one file, each with its own uses and its own end.
 *
 * @param file number of its {@link FileRecord}; empty for a file that is neither labelled nor handed over
 * @param path as this VM's definition or headers name it
 * @param trigger the state that ends it
 * @param handed the ways it was opened for qemu, one for each descriptor; none for a file that qemu opens itself, and
 *     for one that was recorded before this column existed
 * @param made whether the service made the file for this hold; not told of a start's
 */
public record FileHold(
        OptionalLong file,
        HostPath path,
        Treatment treatment,
        String reason,
        List<FileUse> uses,
        HoldTrigger trigger,
        List<OpenMode> handed,
        boolean made) {
    public FileHold {
        uses = List.copyOf(uses);
        handed = List.copyOf(handed);
    }

    public boolean isOf(DiskRecord joined) {
        return disk().equals(Optional.of(joined.name()));
    }

    /** Name of the {@link DiskRecord} with which it joined; empty for any other hold. */
    public Optional<String> disk() {
        return trigger.disk();
    }

    /** Whether it is a hold on this file. */
    public boolean isOn(long record) {
        return file.equals(OptionalLong.of(record));
    }

    /** Whether one of its uses writes. */
    public boolean isWriting() {
        return uses.stream().anyMatch(FileUse::isWriting);
    }

    /** Whether all of its uses are an image's: a block node tells of the file as long as it has it. */
    public boolean isOfImage() {
        return uses.stream().allMatch(use -> use.role().isImage());
    }

    /** The same hold, which another state ends. */
    public FileHold until(HoldTrigger other) {
        return new FileHold(file, path, treatment, reason, uses, other, handed, made);
    }

    /** The same hold, for reading alone. Of descriptors for writing qemu has none any more. */
    public FileHold reading() {
        return new FileHold(
                file,
                path,
                treatment,
                reason,
                uses.stream().map(FileUse::reading).toList(),
                trigger,
                handed.stream().filter(mode -> !mode.writes()).toList(),
                made);
    }
}
