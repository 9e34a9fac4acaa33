package labeler.registry;

import java.util.Optional;
import java.util.Set;
import labeler.selinux.StoredLabel;

/**
 * A file that this host was the last to hold, and that goes back now. Nobody joins it until the host says that it is
 * {@linkplain Registry#restored restored}.
 *
 * @param turn of the giving back: if the file is held again before it ends, a later one is another
 * @param path relative to the storage's root, as it was when the file was claimed
 * @param original the label that it goes back to; empty for no label
 * @param ours every label of ours that it may have on disk; any other was set by somebody else, and stays
 */
public record ToRestore(
        SharedFile file, ClaimId turn, String path, Optional<StoredLabel> original, Set<StoredLabel> ours) {
    public ToRestore {
        ours = Set.copyOf(ours);
    }
}
