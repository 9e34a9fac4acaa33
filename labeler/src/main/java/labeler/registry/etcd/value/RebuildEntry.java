package labeler.registry.etcd.value;

import java.util.Set;
import labeler.registry.ClaimId;
import labeler.registry.HostName;

/**
 * A rebuild, at {@code rebuild}. It is over when each of the hosts has told what it holds, or was fenced.
 *
 * @param hosts all that anybody knew
 */
public record RebuildEntry(ClaimId id, Set<HostName> hosts) {
    public RebuildEntry {
        hosts = Set.copyOf(hosts);
    }
}
