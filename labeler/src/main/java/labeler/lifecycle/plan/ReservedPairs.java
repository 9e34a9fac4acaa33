package labeler.lifecycle.plan;

import java.util.Set;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** The pairs that VMs have, or that files may still carry. */
public interface ReservedPairs {
    /** Whether this is one of them. */
    boolean isReserved(CategoryPair pair);

    /**
     * Those that a domain may not have even if they are its own by its static label. What it has left on files, at the
     * level of its last run, is no hindrance to it.
     *
     * @param isAlone whether no other domain keeps its level: then a file of which nobody knows who had it was its own
     */
    Set<CategoryPair> pairsOfOthers(VmName vm, boolean isAlone);

    /** Who keeps a pair from a VM that asks for it. */
    enum Keeper {
        NOBODY,
        VM,
        /** One that nobody holds, or that another holds, may still carry it. */
        FILE
    }

    /**
     * Who keeps this pair from a VM that somebody has chosen it for. What the VM alone has left on files is no hindrance:
     * it is to start again as soon as it has ended.
     */
    Keeper keeper(CategoryPair pair, VmName vm);

    /** Where nothing is known of other VMs. */
    static ReservedPairs none() {
        return new ReservedPairs() {
            @Override
            public boolean isReserved(CategoryPair pair) {
                return false;
            }

            @Override
            public Set<CategoryPair> pairsOfOthers(VmName vm, boolean isAlone) {
                return Set.of();
            }

            @Override
            public Keeper keeper(CategoryPair pair, VmName vm) {
                return Keeper.NOBODY;
            }
        };
    }
}
