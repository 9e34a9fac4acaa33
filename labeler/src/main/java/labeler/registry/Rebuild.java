package labeler.registry;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A registry that was lost, and that its hosts tell what their journals hold. Until each of them has, nothing is claimed
 * and nothing is given back.
 *
 * @param missing hosts that have not told yet, and that were not fenced
 * @param uncleared those of them of which the registry may still have something of before
 * @param conflicts what could not be told, since another host had told it before
 */
public record Rebuild(
        ClaimId id, Set<HostName> missing, Set<HostName> uncleared, Map<HostName, List<String>> conflicts) {
    public Rebuild {
        missing = Set.copyOf(missing);
        uncleared = Set.copyOf(uncleared);
        conflicts = Map.copyOf(conflicts);
    }

    public boolean isOver() {
        return missing.isEmpty();
    }
}
