package labeler.registry.etcd.value;

import java.util.List;
import java.util.Optional;
import labeler.registry.ClaimId;

/**
 * A host has told all that its journal holds, at {@code hosts/HOST/told}.
 *
 * @param rebuild in which it did
 * @param conflicts what another host has, for people
 * @param stage there if the host has not told all yet
 */
public record ToldEntry(ClaimId rebuild, List<String> conflicts, Optional<Stage> stage) {
    /** What it has done so far. */
    public enum Stage {
        /** It has taken out what its journal does not hold. */
        CLEARED
    }

    public ToldEntry {
        conflicts = List.copyOf(conflicts);
    }

    public static ToldEntry all(ClaimId rebuild, List<String> conflicts) {
        return new ToldEntry(rebuild, conflicts, Optional.empty());
    }

    public static ToldEntry cleared(ClaimId rebuild) {
        return new ToldEntry(rebuild, List.of(), Optional.of(Stage.CLEARED));
    }

    public boolean isAll() {
        return stage.isEmpty();
    }
}
