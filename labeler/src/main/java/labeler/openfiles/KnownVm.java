package labeler.openfiles;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;

/**
 * A VM in the service's account.
 *
 * @param pid its process; empty if unknown
 */
public record KnownVm(String name, Optional<Pid> pid, List<KnownFile> files) {
    public KnownVm {
        files = List.copyOf(files);
    }

    /**
     * One of its files.
     *
     * @param identity file identity without birth time; empty for a file that is neither labelled nor handed over
     * @param passed whether it is handed over because its file system stores no labels
     * @param written whether one of its uses writes it
     * @param handed how it was opened for qemu, one entry a descriptor
     */
    public record KnownFile(
            HostPath path, Optional<FileIdentity> identity, boolean passed, boolean written, Set<OpenMode> handed) {
        public KnownFile {
            handed = Set.copyOf(handed);
        }
    }
}
