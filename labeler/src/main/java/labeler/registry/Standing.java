package labeler.registry;

import java.util.Set;

/** How a host stands to a file of a shared storage. */
public sealed interface Standing {
    /** It holds the file: the label is one that its VMs need. */
    record Held() implements Standing {}

    /**
     * It gives the file back.
     *
     * @param turn of {@link ToRestore}
     */
    record GivesBack(ClaimId turn) implements Standing {}

    /**
     * It has nothing to do with the file.
     *
     * @param others that hold it, or give it back
     */
    record Nothing(Set<HostName> others) implements Standing {
        public Nothing {
            others = Set.copyOf(others);
        }
    }
}
