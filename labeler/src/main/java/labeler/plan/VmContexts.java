package labeler.plan;

import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/**
 * The contexts around one VM.
 *
 * @param process the context of qemu
 * @param image of files that only this VM writes
 * @param content of files that VMs read
 * @param shared of files that several VMs write
 */
public record VmContexts(
        Level level, SecurityContext process, SecurityContext image, SecurityContext content, SecurityContext shared) {
    /** The label of a file with this sharing. */
    public SecurityContext forSharing(Sharing sharing) {
        return switch (sharing) {
            case EXCLUSIVE -> image;
            case CONTENT -> content;
            case SHARED -> shared;
        };
    }
}
