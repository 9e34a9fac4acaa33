package labeler.leftover;

import java.util.HashSet;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.SafeOpen;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainFacts;

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

    static Elsewhere of(VmName one, LibvirtFiles libvirt, SafeOpen open) {
        LibvirtFiles.Known running = libvirt.ofRunningBeside(one);
        Set<FileIdentity> files = new HashSet<>();
        for (DomainFacts domain : running.facts()) {
            for (HostPath source : domain.sources()) {
                try {
                    open.look(source).map(FileStatus::identity).ifPresent(files::add);
                } catch (LinuxException e) {
                    return UNKNOWN;
                }
            }
        }
        return running.unread().isEmpty() ? new Elsewhere(files, true) : UNKNOWN;
    }

    boolean mayUse(FileIdentity file) {
        return !isKnown || files.contains(file);
    }
}
