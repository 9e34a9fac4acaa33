package labeler.leftover;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import labeler.linux.LinuxException;
import labeler.mcs.ProcessContexts;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.vm.libvirt.DomainFacts;

/**
 * Pairs that are somebody's: a process's, a record's, or a domain's that libvirt has a definition of.
 *
 * @param recorded those of VMs and files on record, as they are just now
 */
public record PairsInUse(ProcessContexts processes, Supplier<Set<CategoryPair>> recorded, LibvirtFiles libvirt) {
    /**
     * As it is at this moment.
     *
     * @param warnings what could not be known
     */
    record Known(Set<CategoryPair> pairs, List<String> warnings) {
        boolean contains(Level level) {
            return pairs.contains(level.pair());
        }
    }

    /** @throws LinuxException if a process could not be looked at: its pair might be taken for nobody's */
    Known now() throws LinuxException {
        Set<CategoryPair> pairs = new HashSet<>(recorded.get());
        processes.levels(Optional.empty()).forEach(level -> pairs.add(level.pair()));
        LibvirtFiles.Known defined = libvirt.ofDefined();
        for (DomainFacts domain : defined.facts()) {
            domain.levels().forEach(level -> pairs.add(level.pair()));
        }
        List<String> warnings = new ArrayList<>();
        defined.unread().forEach(why -> warnings.add(why + "; a static label that it defines is not known"));
        return new Known(pairs, warnings);
    }
}
