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
 * Pairs that are in use: by a process, by a record, or by a domain that libvirt runs or has a definition of.
 *
 * @param recorded the present pairs of VMs and files on record
 * @param beside asked about single files
 */
public record PairsInUse(
        ProcessContexts processes, Supplier<Set<CategoryPair>> recorded, LibvirtDomains libvirt, HostsBeside beside) {
    /**
     * The pairs at this moment.
     *
     * @param warnings about facts that could not be known
     * @param remark about files that do not count
     */
    public record Known(Set<CategoryPair> pairs, List<String> warnings, Optional<String> remark) {
        boolean contains(Level level) {
            return pairs.contains(level.pair());
        }
    }

    /**
     * The pairs that somebody holds now.
     *
     * @throws LinuxException if a process could not be read: its pair might seem free
     */
    public Known now() throws LinuxException {
        Known running = ofRunning();
        Set<CategoryPair> pairs = new HashSet<>(running.pairs());
        LibvirtFiles.Known defined = libvirt.ofDefined();
        add(defined, pairs);
        List<String> warnings = new ArrayList<>(running.warnings());
        defined.unread().forEach(why -> warnings.add(why + "; a static label that it defines is not known"));
        return new Known(pairs, warnings, running.remark());
    }

    /**
     * The pairs of all that runs now or is on record. A domain that libvirt is about to start has its state already.
     *
     * @throws LinuxException if a process could not be read: its pair might seem free
     */
    Known ofRunning() throws LinuxException {
        Set<CategoryPair> pairs = new HashSet<>(recorded.get());
        LibvirtFiles.Known running = libvirt.ofRunning();
        add(running, pairs);
        processes.levels(Optional.empty()).forEach(level -> pairs.add(level.pair()));
        List<String> warnings = new ArrayList<>();
        running.unread().forEach(why -> warnings.add(why + "; a label of its domain may not be known"));
        return new Known(pairs, warnings, running.foreign());
    }

    private static void add(LibvirtFiles.Known known, Set<CategoryPair> pairs) {
        for (DomainFacts domain : known.facts()) {
            domain.levels().forEach(level -> pairs.add(level.pair()));
        }
    }
}
