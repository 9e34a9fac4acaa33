package labeler.reference;

import java.util.List;
import java.util.Optional;
import labeler.chain.Role;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;

/**
 * A file that a header names and nothing declares.
 *
 * @param image the image whose header names it, by the path that was opened
 * @param imageStatus of the image by whose owner the file is judged: that one, or the one above root's
 * @param written whether the VM may write it
 * @param path by which it was opened
 * @param realPath the kernel's name for it, without symbolic links
 * @param directories above the file and not above that image, if they count; empty for one that cannot be read
 * @param ofService whether it is a file of this service's own, or of a VM's runtime directory
 * @param hostUse the host's own present use of it, in words; empty for none
 */
public record HeaderTarget(
        HostPath image,
        FileStatus imageStatus,
        Role role,
        boolean written,
        HostPath path,
        HostPath realPath,
        FileStatus status,
        List<Optional<FileStatus>> directories,
        boolean ofService,
        Optional<String> hostUse) {
    public HeaderTarget {
        directories = List.copyOf(directories);
    }
}
