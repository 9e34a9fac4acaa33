package labeler.fileset;

import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** One reason why a VM needs a file. */
public record FileUse(Origin origin, FileRole role, UseAccess access) {
    public boolean isWriting() {
        return access.isWriting();
    }

    /** The same use, for reading alone. */
    public FileUse reading() {
        return new FileUse(origin, role, UseAccess.READ_ONLY);
    }

    /** The same use, for writing as well. */
    public FileUse writing() {
        return isWriting() ? this : new FileUse(origin, role, UseAccess.READ_WRITE);
    }
}
