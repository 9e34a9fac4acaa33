package labeler.registry.etcd.value;

import java.util.List;
import labeler.registry.ClaimId;

/**
 * A host has told all that its journal holds, at {@code hosts/HOST/told}.
 *
 * @param rebuild in which it did
 * @param conflicts what another host has, for people
 */
public record ToldEntry(ClaimId rebuild, List<String> conflicts) {
    public ToldEntry {
        conflicts = List.copyOf(conflicts);
    }
}
