package labeler.leftover;

import java.util.Set;
import java.util.stream.Collectors;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where other file systems begin, by the kernel's list of mounts: nothing is asked of them. For one thread. */
final class MountPoints {
    private static final Logger LOG = LoggerFactory.getLogger(MountPoints.class);

    private final FileSystems fileSystems;
    private long changes = -1;
    private Set<HostPath> points = Set.of();

    MountPoints(FileSystems fileSystems) {
        this.fileSystems = fileSystems;
    }

    /**
     * Whether something is mounted there. By the list as it was last, if it cannot be read.
     *
     * @param path without symbolic links
     */
    boolean has(HostPath path) {
        try {
            long now = fileSystems.mountChanges();
            if (now != changes) {
                points = fileSystems.mounts().stream().map(Mount::mountPoint).collect(Collectors.toSet());
                changes = now;
            }
        } catch (LinuxException e) {
            LOG.warn("the list of mounts cannot be read: {}", e.getMessage());
        }
        return points.contains(path);
    }
}
