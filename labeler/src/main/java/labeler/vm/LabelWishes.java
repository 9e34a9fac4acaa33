package labeler.vm;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;

/**
 * A definition's wishes about labels, beside the context of its process.
 *
 * @param base a context from which only user, role and type are taken; the level is still to be chosen
 * @param kept the files that are to keep the labels that they have
 * @param chosen the labels that the definition chooses itself, for single files
 * @param labelledByLibvirt whether libvirt labels the files of this domain itself
 * @param isStatic whether the context of its process is the domain's own at each start, and none that libvirt has drawn
 */
public record LabelWishes(
        Optional<SecurityContext> base,
        List<Kept> kept,
        List<Chosen> chosen,
        boolean labelledByLibvirt,
        boolean isStatic) {
    /** Nothing is asked for. */
    public static final LabelWishes NONE = new LabelWishes(Optional.empty(), List.of(), false, false);

    public LabelWishes {
        kept = List.copyOf(kept);
        chosen = List.copyOf(chosen);
    }

    /** Wishes that choose no label for a file. */
    public LabelWishes(Optional<SecurityContext> base, List<Kept> kept, boolean labelledByLibvirt, boolean isStatic) {
        this(base, kept, List.of(), labelledByLibvirt, isStatic);
    }

    /**
     * Files that keep their labels.
     *
     * @param place of the declaration
     * @param reach the uses for which it holds
     */
    public record Kept(Origin place, Reach reach, String reason) {}

    /**
     * Files that are to have one label.
     *
     * @param place of the declaration
     * @param reach the uses for which it holds
     */
    public record Chosen(Origin place, Reach reach, SecurityContext label) {}

    /** The uses for which a declaration holds. */
    public sealed interface Reach {
        private boolean holds(Origin place, Origin use, HostPath path) {
            return switch (this) {
                case WithParts() -> use.equals(place) || use.text().startsWith(place.text() + "/");
                case AllLayers() -> use.equals(place);
                case OneLayer(HostPath layer) -> use.equals(place) && layer.equals(path);
            };
        }
    }

    /** For all that is declared at its place, and at the parts of that. */
    public record WithParts() implements Reach {}

    /** For a disk and all layers below it, and for no other disk that stands inside of it: its mirror. */
    public record AllLayers() implements Reach {}

    /** For one file of a disk. */
    public record OneLayer(HostPath layer) implements Reach {}

    /** The same for a process with a context of its own. */
    LabelWishes asStatic() {
        return new LabelWishes(base, kept, chosen, labelledByLibvirt, true);
    }

    /** The reason why a file keeps its label, if it is to. */
    public Optional<String> reasonToKeep(Origin use, HostPath path) {
        return kept.stream()
                .filter(one -> one.reach().holds(one.place(), use, path))
                .map(Kept::reason)
                .findFirst();
    }

    /** The labels that a file is to have; none if the definition leaves that to others. */
    public Set<SecurityContext> chosenFor(Origin use, HostPath path) {
        return chosen.stream()
                .filter(one -> one.reach().holds(one.place(), use, path))
                .map(Chosen::label)
                .collect(Collectors.toUnmodifiableSet());
    }
}
