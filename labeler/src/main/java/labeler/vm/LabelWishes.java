package labeler.vm;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;

/**
 * A definition's wishes about labels, beside the context of its process.
 *
 * @param base a context from which only user, role and type are taken; the level is still to be chosen
 * @param kept the files that are to keep the labels that they have
 */
public record LabelWishes(Optional<SecurityContext> base, List<Kept> kept) {
    /** Nothing is asked for. */
    public static final LabelWishes NONE = new LabelWishes(Optional.empty(), List.of());

    public LabelWishes {
        kept = List.copyOf(kept);
    }

    /**
     * Files that keep their labels.
     *
     * @param place of the declaration; it holds for all uses at that place and below it
     * @param layer of an image; empty if it holds for all layers
     */
    public record Kept(Origin place, Optional<HostPath> layer, String reason) {
        private boolean holds(Origin use, HostPath path) {
            String name = place.text();
            return use.text().startsWith(name)
                    && (use.text().length() == name.length() || use.text().charAt(name.length()) == '/')
                    && layer.filter(only -> !only.equals(path)).isEmpty();
        }
    }

    /** The reason why a file keeps its label, if it is to. */
    public Optional<String> reasonToKeep(Origin use, HostPath path) {
        return kept.stream()
                .filter(one -> one.holds(use, path))
                .map(Kept::reason)
                .findFirst();
    }
}
