package labeler.listen;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import labeler.linux.PeerIdentity;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * Who may use the service: root, the user that it runs as, and one group. The kernel identifies the peer.
 *
 * @param ownUid the service's user
 * @param gid the group's number; empty if there is none
 * @param types SELinux types that a peer may have; empty for any
 */
public record PeerRules(int ownUid, OptionalInt gid, List<String> types) {
    public PeerRules {
        types = List.copyOf(types);
    }

    /** Whether the peer could end the service anyway. */
    public boolean isOwner(PeerIdentity peer) {
        return peer.uid() == 0 || peer.uid() == ownUid;
    }

    /** The reason for a refusal, on one line; empty if the peer may connect. */
    public Optional<String> refusal(PeerIdentity peer) {
        boolean known = isOwner(peer)
                || (gid.isPresent()
                        && (peer.gid() == gid.getAsInt() || peer.groups().contains(gid.getAsInt())));
        if (!known) {
            return Optional.of("process " + peer.pid() + " of user " + peer.uid()
                    + " may not use labelerd: it is neither root's nor in the group of the socket");
        }
        if (types.isEmpty()
                || context(peer)
                        .map(SecurityContext::type)
                        .filter(types::contains)
                        .isPresent()) {
            return Optional.empty();
        }
        return Optional.of("process " + peer.pid() + " at " + printableContext(peer)
                + " may not use labelerd: its SELinux type is not among service.peer-types");
    }

    /** The peer in words, for the log. */
    public static String words(PeerIdentity peer) {
        return "process " + peer.pid() + " of user " + peer.uid() + " at " + printableContext(peer);
    }

    private static String printableContext(PeerIdentity peer) {
        return peer.context().map(bytes -> StoredLabel.of(bytes).printable()).orElse("no context");
    }

    private static Optional<SecurityContext> context(PeerIdentity peer) {
        return peer.context().flatMap(bytes -> StoredLabel.of(bytes).context());
    }
}
