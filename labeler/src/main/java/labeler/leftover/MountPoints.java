package labeler.leftover;

import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Mount;

/** Where other file systems begin in one, by the kernel's list of mounts: nothing is asked of them. For one thread. */
final class MountPoints {
    private final FileSystems fileSystems;
    private final long within;
    private final Consumer<String> warnings;
    private boolean isWarned;
    private long changes = -1;
    private Set<HostPath> points = Set.of();

    /**
     * @param within the id of the mount whose names are asked for
     * @param warnings is told once if the list cannot be read
     */
    MountPoints(FileSystems fileSystems, long within, Consumer<String> warnings) {
        this.fileSystems = fileSystems;
        this.within = within;
        this.warnings = warnings;
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
                // Others have been covered: here, such a name is a plain directory's.
                points = fileSystems.mounts().stream()
                        .filter(mount -> mount.parent() == within)
                        .map(Mount::mountPoint)
                        .collect(Collectors.toSet());
                changes = now;
            }
        } catch (LinuxException e) {
            if (!isWarned) {
                warnings.accept("the list of mounts cannot be read: " + e.getMessage());
                isWarned = true;
            }
        }
        return points.contains(path);
    }
}
