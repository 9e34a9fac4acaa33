package labeler.fileset;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;

/**
 * A file of a VM, with all the reasons for which it needs it.
 *
 * @param path the name that the first use gives it
 * @param file open; empty for one that is not there yet and will be created, or that qemu makes itself
 * @param shareable every use that writes says that other VMs may write too
 * @param leaveReason set where there is nothing to label, and then why
 */
public record VmFile(
        HostPath path, Optional<OpenedFile> file, List<FileUse> uses, boolean shareable, Optional<String> leaveReason) {
    public VmFile {
        uses = List.copyOf(uses);
    }
}
