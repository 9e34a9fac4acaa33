package labeler.leftover;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.problem.QuotedText;
import labeler.selinux.CategoryPair;
import labeler.selinux.VirtualContexts;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainFacts;
import labeler.vm.libvirt.PoolVolume;

/**
 * The files that libvirt's other running domains name, or the fact that they cannot be known.
 *
 * @param unknown why they cannot be known, so that any file may be used
 * @param remark about files that do not count
 */
record Elsewhere(Set<FileIdentity> files, Optional<String> unknown, Optional<String> remark) {
    Elsewhere {
        files = Set.copyOf(files);
    }

    static Elsewhere of(VmName one, OtherDomains others, VirtualContexts contexts) {
        Set<CategoryPair> unexplained = new HashSet<>();
        try {
            // Asked first: a domain that starts meanwhile has its state before its process.
            unexplained.addAll(others.running(contexts));
        } catch (LinuxException e) {
            return new Elsewhere(Set.of(), Optional.of(String.valueOf(e.getMessage())), Optional.empty());
        }
        LibvirtFiles.Known running = others.libvirt().ofRunningBeside(one);
        Optional<String> remark = running.foreign();
        if (!running.unread().isEmpty()) {
            return new Elsewhere(Set.of(), Optional.of(running.unread().getFirst()), remark);
        }
        Set<HostPath> names = new HashSet<>();
        Set<DomainFacts.Volume> volumes = new HashSet<>();
        running.facts().forEach(domain -> {
            names.addAll(domain.files());
            volumes.addAll(domain.volumes());
            domain.levels().forEach(level -> unexplained.remove(level.pair()));
        });
        PoolVolume.Pools pools = new PoolVolume.Pools(others.libvirt().host());
        for (DomainFacts.Volume volume : volumes) {
            switch (pools.place(volume)) {
                case PoolVolume.File(String path) -> names.add(HostPath.of(path));
                case PoolVolume.Remote _ -> {}
                case PoolVolume.Unknown(String reason) -> {
                    String why = "the volume " + QuotedText.of(volume.name()) + " of the pool "
                            + QuotedText.of(volume.pool()) + ", which another domain has: " + reason;
                    return new Elsewhere(Set.of(), Optional.of(why), remark);
                }
            }
        }
        unexplained.removeAll(others.recorded().get());
        if (!unexplained.isEmpty()) {
            String why = "a VM runs at the pair " + unexplained.iterator().next() + ", and "
                    + others.libvirt().directory() + " has no state of it";
            return new Elsewhere(Set.of(), Optional.of(why), remark);
        }
        return others.files()
                .under(names)
                .map(files -> new Elsewhere(files, Optional.empty(), remark))
                .orElseGet(() -> new Elsewhere(Set.of(), Optional.of("a file of theirs cannot be looked at"), remark));
    }

    boolean mayUse(FileIdentity file) {
        return unknown.isPresent() || files.contains(file);
    }
}
