package labeler.plan;

import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/**
 * The contexts around one VM.
 *
 * @param process what qemu runs at
 * @param image files that the VM writes alone
 * @param content files that VMs read
 * @param shared files that several VMs write
 */
public record VmContexts(
        Level level, SecurityContext process, SecurityContext image, SecurityContext content, SecurityContext shared) {
    SecurityContext forSharing(Sharing sharing) {
        return switch (sharing) {
            case EXCLUSIVE -> image;
            case CONTENT -> content;
            case SHARED -> shared;
        };
    }
}
