package labeler.reference;

import java.util.List;
import java.util.Optional;
import labeler.chain.Role;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;

/**
 * A file that a header names and nothing declares.
 *
 * @param image whose header names it, as that was opened
 * @param imageStatus of the image by whose owner the file is judged: that one, or the one above root's
 * @param written whether the VM may write it
 * @param path as it was opened
 * @param realPath the kernel's name for it, without symbolic links
 * @param directories above the file and not above that image; empty for one that cannot be looked at
 * @param ofService whether it is a file of this service's own, or of a VM's runtime directory
 * @param hostUse for what the host itself uses it just now, in words; empty for nothing
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
