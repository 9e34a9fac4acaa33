package labeler.guard.place;

import jakarta.inject.Inject;
import java.util.Optional;
import java.util.OptionalInt;
import labeler.journal.VmRecord;
import labeler.linux.PeerIdentity;
import labeler.linux.ProcessIdentity;
import labeler.listen.PeerRules;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/** Who may connect to the guarded monitor of a VM: its owner, root, the service's group; never its own qemu. */
record ClientRules(PeerRules rules) {
    @Inject
    ClientRules {}

    /** The group that may connect. */
    OptionalInt group() {
        return rules.gid();
    }

    /**
     * Why this peer may not; empty if it may.
     *
     * @param owner the VM's
     */
    Optional<String> refusal(PeerIdentity peer, VmRecord vm, int owner) {
        if (vm.process().map(ProcessIdentity::pid).filter(peer.pid()::equals).isPresent() || isAt(peer, vm)) {
            return Optional.of("process " + peer.pid() + " is the VM itself, or runs at its context");
        }
        // The owner is known here; types count for everybody.
        PeerIdentity judged = peer.uid() == owner
                ? new PeerIdentity(peer.pid(), peer.process(), 0, peer.gid(), peer.groups(), peer.context())
                : peer;
        return rules.refusal(judged);
    }

    private static boolean isAt(PeerIdentity peer, VmRecord vm) {
        SecurityContext own = vm.contexts().process();
        return peer.context()
                .flatMap(bytes -> StoredLabel.of(bytes).context())
                .filter(own::equals)
                .isPresent();
    }
}
