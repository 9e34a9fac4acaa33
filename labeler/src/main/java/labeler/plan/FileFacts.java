package labeler.plan;

import java.util.List;
import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;

/**
 * All that the plan needs to know of a file.
 *
 * @param path as the definition or a header names it
 * @param identity empty for a file that is yet to be created
 * @param uses at least one
 * @param leaveReason set where the process may use the file as it is, and then why
 */
public record FileFacts(
        HostPath path,
        Optional<FileIdentity> identity,
        List<FileUse> uses,
        boolean shareable,
        LabelState label,
        Optional<String> leaveReason) {
    public FileFacts {
        uses = List.copyOf(uses);
    }
}
