package labeler.fileset;

import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** One reason for which a VM needs a file. */
public record FileUse(Origin origin, FileRole role, UseAccess access) {
    boolean isWriting() {
        return access != UseAccess.READ_ONLY;
    }
}
