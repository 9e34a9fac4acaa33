package labeler.guard.emulator;

import java.util.Optional;
import labeler.linux.PeerIdentity;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * A domain that libvirt is about to start, as its hook has announced it.
 *
 * @param libvirts the context that libvirt has chosen for its process; empty where libvirt does not confine
 * @param isLabelledByLibvirt whether libvirt labels its files; a static label may leave them to labeler
 * @param ours the context that qemu is to be started at by its starter; empty where libvirt does that, or nobody
 * @param isAdopted whether libvirt starts labeler-emulator for it, and no qemu
 * @param isWhole whether its definition adds no options of its own to the command line, which may be another monitor
 */
public record StartingDomain(
        VmName name,
        Optional<SecurityContext> libvirts,
        boolean isLabelledByLibvirt,
        Optional<SecurityContext> ours,
        boolean isAdopted,
        boolean isWhole) {
    /** Whether a process is at the level that libvirt has chosen, as far as the kernel says. */
    boolean isAtLevelOf(PeerIdentity peer) {
        if (libvirts.isEmpty() || peer.context().isEmpty()) {
            return true;
        }
        Optional<Level> chosen = Level.parse(libvirts.get().level());
        return chosen.isPresent()
                && peer.context()
                        .flatMap(bytes -> StoredLabel.of(bytes).context())
                        .flatMap(context -> Level.parse(context.level()))
                        .equals(chosen);
    }
}
