package labeler.leftover;

import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;

/** The files that other domains of libvirt's have under the names in their states. */
@FunctionalInterface
public interface OtherFiles {
    /** Those that there are; empty if any of them cannot be known. */
    Optional<Set<FileIdentity>> under(Set<HostPath> names);
}
