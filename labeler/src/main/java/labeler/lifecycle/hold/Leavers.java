package labeler.lifecycle.hold;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import labeler.journal.FileRecord;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/** Who had a file and has left it, since the service has begun. For one thread at a time. */
final class Leavers {
    private final Map<Long, Set<VmName>> leavers = new HashMap<>();

    /** A base of many VMs has no pair of theirs, and nobody asks for it. */
    void add(FileRecord file, VmName name) {
        if (PairCount.of(file).findAny().isPresent()) {
            leavers.merge(file.id(), Set.of(name), Leavers::together);
        }
    }

    void forget(long id) {
        leavers.remove(id);
    }

    /**
     * The file's pairs that are not for a VM whose own level they are by its definition.
     *
     * @param isHeld whether a VM has the file now
     * @param isAlone whether a file of which nobody knows who had it was this VM's
     */
    Stream<CategoryPair> forbidden(FileRecord file, boolean isHeld, VmName vm, boolean isAlone) {
        Set<VmName> had = of(file);
        if (isHeld) {
            // A pair that it had from an earlier holder is no more on it.
            return PairCount.ofOriginal(file);
        }
        return had.contains(vm) || (had.isEmpty() && isAlone) ? Stream.empty() : PairCount.of(file);
    }

    /** The file's pairs that are not for a VM which only asks for a level: all but those that it has left there alone. */
    Stream<CategoryPair> kept(FileRecord file, boolean isHeld, VmName vm) {
        return of(file).equals(Set.of(vm)) ? forbidden(file, isHeld, vm, false) : PairCount.of(file);
    }

    private Set<VmName> of(FileRecord file) {
        return leavers.getOrDefault(file.id(), Set.of());
    }

    /** One is the usual case, and a set of one takes a tenth of the memory. */
    static Set<VmName> together(Set<VmName> some, Set<VmName> one) {
        if (some.containsAll(one)) {
            return some;
        }
        Set<VmName> together = new LinkedHashSet<>(some);
        together.addAll(one);
        return together;
    }
}
