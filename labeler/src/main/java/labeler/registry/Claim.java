package labeler.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.plan.Sharing;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * A pair and files that a VM has from now on. Nobody has read the labels of the {@linkplain #fresh fresh} files yet: read
 * them now, and record them before the first label is set.
 *
 * @param joined files that others hold in the same way, or that this host was about to give back
 */
public record Claim(
        ClaimId id, VmName vm, CategoryPair pair, Map<SharedFile, JoinedFile> joined, List<FreshFile> fresh) {
    public Claim {
        joined = Map.copyOf(joined);
        fresh = List.copyOf(fresh);
    }

    /**
     * A file with a known earlier label. Its creator may have died before it set the label of ours, so whoever joins
     * looks, and sets the same.
     *
     * @param original the label that it goes back to; empty for no label
     * @param applied the label of ours; empty for a file that is only handed over
     * @param earlier other labels of ours that it may have on disk
     */
    public record JoinedFile(Optional<StoredLabel> original, Optional<StoredLabel> applied, Set<StoredLabel> earlier) {
        public JoinedFile {
            earlier = Set.copyOf(earlier);
        }

        /** Whether a label of ours that it may have is at this pair. */
        public boolean carries(CategoryPair pair) {
            return Stream.concat(applied.stream(), earlier.stream())
                    .flatMap(label -> label.level().stream())
                    .anyMatch(level -> level.pair().equals(pair));
        }
    }

    /** A file that nobody held. */
    public record FreshFile(SharedFile file, String path, Sharing sharing, Optional<StoredLabel> applied) {}

    /** The files whose labels are to be read. */
    public Set<SharedFile> unread() {
        return fresh.stream().map(FreshFile::file).collect(Collectors.toSet());
    }
}
