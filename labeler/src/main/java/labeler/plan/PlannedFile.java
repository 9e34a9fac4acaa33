package labeler.plan;

import java.util.Optional;
import labeler.fileset.VmFile;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * The treatment of a file, and the reason.
 *
 * @param label its label, as its file system reports it
 * @param context the label it gets; empty if it gets none
 * @param original the label to set back later, or the one that its file system shows; empty for no label
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
