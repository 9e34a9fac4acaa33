package labeler.leftover;

import java.util.HashSet;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * The files that libvirt's other running domains name, or the fact that they cannot be known.
 *
 * @param isKnown if not, any file may be used
 */
record Elsewhere(Set<FileIdentity> files, boolean isKnown) {
    private static final Elsewhere UNKNOWN = new Elsewhere(Set.of(), false);

    Elsewhere {
        files = Set.copyOf(files);
    }

    static Elsewhere of(VmName one, LibvirtFiles libvirt, OtherFiles others) {
        LibvirtFiles.Known running = libvirt.ofRunningBeside(one);
        if (!running.unread().isEmpty()) {
            return UNKNOWN;
        }
        Set<HostPath> names = new HashSet<>();
        running.facts().forEach(domain -> names.addAll(domain.sources()));
        return others.under(names).map(files -> new Elsewhere(files, true)).orElse(UNKNOWN);
    }

    boolean mayUse(FileIdentity file) {
        return !isKnown || files.contains(file);
    }
}
