package labeler.registry.etcd.value;

import java.util.List;
import labeler.registry.ClaimId;

/**
 * How far a host is in a rebuild, at {@code hosts/HOST/told}.
 *
 * @param rebuild in which it has told all that its journal holds; with an ending, it has only taken out what its journal does
 *     not hold: to a host of a version that knows no such step it has told nothing then
 * @param conflicts what another host has, for people
 */
public record ToldEntry(ClaimId rebuild, List<String> conflicts) {
    public ToldEntry {
        conflicts = List.copyOf(conflicts);
    }

    public static ToldEntry all(ClaimId rebuild, List<String> conflicts) {
        return new ToldEntry(rebuild, conflicts);
    }

    public static ToldEntry cleared(ClaimId rebuild) {
        return new ToldEntry(clearedIn(rebuild), List.of());
    }

    private static ClaimId clearedIn(ClaimId rebuild) {
        return new ClaimId(rebuild + ":cleared");
    }

    public boolean isAllOf(ClaimId of) {
        return rebuild.equals(of);
    }

    public boolean isClearedOf(ClaimId of) {
        return isAllOf(of) || rebuild.equals(clearedIn(of));
    }
}
