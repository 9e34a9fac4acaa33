package labeler.listen;

import java.util.Optional;
import labeler.linux.PeerIdentity;
import labeler.linux.ProcessIdentity;

/**
 * The service's own process, which is its own client for the watchdog. The rules for peers do not apply to it, and its
 * requests are not counted as a client's.
 *
 * @param identity empty if no process counts as the service itself
 */
public record OwnProcess(Optional<ProcessIdentity> identity) {
    public boolean is(PeerIdentity peer) {
        return identity.isPresent() && identity.equals(peer.process());
    }
}
