package labeler.survey;

import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * A file with its label.
 *
 * @param identity device and inode
 * @param label empty for none, and where none is stored
 * @param expected the policy's label for its place; empty if it has that type, or nobody could tell
 * @param sharedType the kind of its file system, if other hosts may have that mounted as well
 */
public record FileFacts(
        HostPath path,
        FileIdentity identity,
        Optional<StoredLabel> label,
        Optional<SecurityContext> expected,
        Optional<String> sharedType) {}
