package labeler.reference;

import java.util.Optional;
import labeler.chain.Role;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;

/**
 * A file that a header names and nothing declares.
 *
 * @param image whose header names it, as that was opened
 * @param imageStatus of that image
 * @param written whether the VM may write it
 * @param path as it was opened
 * @param realPath the kernel's name for it, without symbolic links
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
        boolean ofService,
        Optional<String> hostUse) {}
