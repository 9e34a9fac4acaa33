package labeler.linux;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which mounts a name can lead to. The kernel lists also those over whose directory, or one above it, something else was
 * mounted later: no name leads there any more, and another directory may have the same name.
 */
public final class VisibleMounts {
    private final Map<Long, Mount> byId = new HashMap<>();
    private final Set<Place> places = new HashSet<>();

    /** A directory of a mount on which another mount is. */
    private record Place(long parent, HostPath point) {}

    private VisibleMounts(Collection<Mount> all) {
        for (Mount mount : all) {
            byId.put(mount.id(), mount);
            if (mount.parent() != mount.id()) {
                places.add(new Place(mount.parent(), mount.mountPoint()));
            }
        }
    }

    /** Those of a list of all mounts, in its order. */
    public static List<Mount> of(List<Mount> all) {
        VisibleMounts mounts = new VisibleMounts(all);
        return all.stream().filter(mounts::isVisible).toList();
    }

    private boolean isVisible(Mount mount) {
        if (places.contains(new Place(mount.id(), mount.mountPoint()))) {
            return false;
        }
        Set<Long> seen = new HashSet<>();
        Mount at = mount;
        // The parent of the first one is itself, or not in the list.
        while (at != null && seen.add(at.id())) {
            if (isBelowAnother(at)) {
                return false;
            }
            at = byId.get(at.parent());
        }
        return true;
    }

    /** Whether the way from the parent to the mount goes through another mount. */
    private boolean isBelowAnother(Mount mount) {
        HostPath at = mount.mountPoint();
        while (!at.equals(at.parent())) {
            at = at.parent();
            if (places.contains(new Place(mount.parent(), at))) {
                return true;
            }
        }
        return false;
    }
}
