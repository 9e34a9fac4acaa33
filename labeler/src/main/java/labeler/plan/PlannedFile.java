package labeler.plan;

import java.util.Optional;
import labeler.fileset.VmFile;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * What happens to a file, and why.
 *
 * @param label what its file system says of its label
 * @param context the label it gets; empty if it gets none
 * @param original what it has to get back, or what its file system shows for it; empty for no label
 * @param reason one line
 */
public record PlannedFile(
        VmFile file,
        LabelState label,
        Treatment treatment,
        Sharing sharing,
        Optional<SecurityContext> context,
        Optional<StoredLabel> original,
        String reason) {
    /** The name that the first use gives it. */
    public HostPath path() {
        return file.path();
    }
}
