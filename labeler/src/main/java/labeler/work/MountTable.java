package labeler.work;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.VisibleMounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the file system of a path by its text and the list of mounts alone. Nothing is looked up, so nothing waits.
 * Symbolic links on the way are not seen. A link that leads to a file system that does not answer is remembered for
 * that time.
 */
final class MountTable {
    private static final Logger LOG = LoggerFactory.getLogger(MountTable.class);
    private static final HostPath ROOT = HostPath.of("/");

    private final FileSystems fileSystems;
    private final Map<HostPath, WorkFileSystem> links = new ConcurrentHashMap<>();
    private volatile Table table = new Table(-1, Map.of(), Map.of());

    MountTable(FileSystems fileSystems) {
        this.fileSystems = fileSystems;
    }

    private record Table(long changes, Map<HostPath, WorkFileSystem> byPoint, Map<Long, WorkFileSystem> byId) {}

    WorkFileSystem of(HostPath path) {
        Map<HostPath, WorkFileSystem> byPoint = table().byPoint();
        HostPath at = path;
        while (true) {
            WorkFileSystem place = Optional.ofNullable(links.get(at)).orElse(byPoint.get(at));
            if (place != null) {
                return place;
            }
            HostPath above = at.parent();
            if (above.equals(at) || at.equals(ROOT)) {
                return WorkFileSystem.UNKNOWN;
            }
            at = above;
        }
    }

    /** The file system of a mount, or of the path if the mount is gone. */
    WorkFileSystem of(long mountId, HostPath path) {
        return Optional.ofNullable(table().byId().get(mountId)).orElseGet(() -> of(path));
    }

    /** Remembers that everything below this symbolic link lies there. */
    void remember(HostPath link, WorkFileSystem place) {
        links.put(link, place);
    }

    void forget(WorkFileSystem place) {
        links.values().removeIf(place::equals);
    }

    private Table table() {
        try {
            long changes = fileSystems.mountChanges();
            Table known = table;
            if (known.changes() == changes) {
                return known;
            }
            Map<HostPath, WorkFileSystem> byPoint = new HashMap<>();
            Map<Long, WorkFileSystem> byId = new HashMap<>();
            List<Mount> mounts = fileSystems.mounts();
            mounts.forEach(mount -> byId.put(mount.id(), WorkFileSystem.of(mount)));
            VisibleMounts.of(mounts).forEach(mount -> byPoint.put(mount.mountPoint(), WorkFileSystem.of(mount)));
            Table read = new Table(changes, byPoint, byId);
            table = read;
            return read;
        } catch (LinuxException e) {
            LOG.warn("the list of mounts cannot be read: {}", e.getMessage());
            return table;
        }
    }
}
