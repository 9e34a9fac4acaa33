package labeler.plan;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * A file that VMs of ours hold, by a label or as a descriptor, or that carried a label of ours until lately.
 *
 * @param holders empty for one that is being, or has just been, given back
 * @param original its earlier label, or the label that it shows if it is handed over; empty for no label
 * @param ours every label of ours that it may have on disk; see {@link StoredLabel#isFor}
 * @param isElsewhere whether VMs of other hosts hold it as well, which are not among the holders
 */
public record HeldFile(
        Sharing sharing,
        List<VmName> holders,
        Optional<StoredLabel> original,
        Set<StoredLabel> ours,
        boolean isElsewhere) {
    public HeldFile {
        holders = List.copyOf(holders);
        ours = Set.copyOf(ours);
    }

    /** A file that no other host has. */
    public HeldFile(Sharing sharing, List<VmName> holders, Optional<StoredLabel> original, Set<StoredLabel> ours) {
        this(sharing, holders, original, ours, false);
    }

    /** Whether anybody holds it. */
    public boolean isHeld() {
        return !holders.isEmpty() || isElsewhere;
    }

    /** The same file without this holder. */
    public HeldFile without(VmName holder) {
        return new HeldFile(
                sharing, holders.stream().filter(other -> !other.equals(holder)).toList(), original, ours, isElsewhere);
    }
}
