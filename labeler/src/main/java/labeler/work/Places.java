package labeler.work;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which file system a path lies on, by its text and the list of mounts alone: nothing is looked up, so nothing waits. A
 * symbolic link on the way is not seen; where one is known to lead to a file system that does not answer, that is
 * remembered for as long as it does not.
 */
final class Places {
    private static final Logger LOG = LoggerFactory.getLogger(Places.class);
    private static final HostPath ROOT = HostPath.of("/");

    private final FileSystems fileSystems;
    private final Map<HostPath, Place> links = new ConcurrentHashMap<>();
    private volatile Table table = new Table(-1, Map.of(), Map.of());

    Places(FileSystems fileSystems) {
        this.fileSystems = fileSystems;
    }

    private record Table(long changes, Map<HostPath, Place> byPoint, Map<Long, Place> byId) {}

    Place of(HostPath path) {
        Map<HostPath, Place> byPoint = table().byPoint();
        HostPath at = path;
        while (true) {
            Place place = Optional.ofNullable(links.get(at)).orElse(byPoint.get(at));
            if (place != null) {
                return place;
            }
            HostPath above = at.parent();
            if (above.equals(at) || at.equals(ROOT)) {
                return Place.UNKNOWN;
            }
            at = above;
        }
    }

    /** By the mount that a file was opened through, or by its name if that is no more. */
    Place of(long mountId, HostPath path) {
        return Optional.ofNullable(table().byId().get(mountId)).orElseGet(() -> of(path));
    }

    /** Everything below this symbolic link lies there. */
    void remember(HostPath link, Place place) {
        links.put(link, place);
    }

    void forget(Place place) {
        links.values().removeIf(place::equals);
    }

    private Table table() {
        try {
            long changes = fileSystems.mountChanges();
            Table known = table;
            if (known.changes() == changes) {
                return known;
            }
            Map<HostPath, Place> byPoint = new HashMap<>();
            Map<Long, Place> byId = new HashMap<>();
            for (Mount mount : fileSystems.mounts()) {
                Place place = Place.of(mount);
                byPoint.put(mount.mountPoint(), place);
                byId.put(mount.id(), place);
            }
            Table read = new Table(changes, byPoint, byId);
            table = read;
            return read;
        } catch (LinuxException e) {
            LOG.warn("the list of mounts cannot be read: {}", e.getMessage());
            return table;
        }
    }
}
