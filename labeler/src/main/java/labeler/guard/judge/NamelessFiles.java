package labeler.guard.judge;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.List;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;

/**
 * Files that qemu makes for itself when it starts, and takes the name of at once: for what a guest writes to a drive with
 * {@code snapshot=on}, or to a directory as a disk.
 *
 * @param holds of the VM; the directories of such files are among them
 */
record NamelessFiles(List<FileHold> holds) {
    /** Whether a file of which qemu tells is one. If there is a file of that name, it is another one. */
    boolean has(HostPath file) {
        return isAmong(file) && Files.notExists(file.jdkPath(), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether a file that a node has can only be one: a file of that name is nobody's to take. */
    boolean isAmong(HostPath file) {
        return holds.stream().anyMatch(hold -> isDirectory(hold) && hold.path().equals(file.parent()))
                && holds.stream().noneMatch(hold -> hold.path().equals(file));
    }

    /** Whether a hold is on a directory in which qemu makes such files. */
    static boolean isDirectory(FileHold hold) {
        return hold.file().isEmpty()
                && hold.trigger() instanceof HoldTrigger.Start
                && hold.uses().stream()
                        .anyMatch(use -> use.role() == FileRole.DISK && use.access() == UseAccess.CREATE);
    }
}
