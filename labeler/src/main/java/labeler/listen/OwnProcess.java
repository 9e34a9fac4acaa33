package labeler.listen;

import java.util.Optional;
import labeler.linux.PeerIdentity;
import labeler.linux.ProcessIdentity;

/**
 * The process of the service, which is a client of its own for the watchdog: no rule about peers is asked, and no request
 * is counted as a client's.
 *
 * @param identity empty where nobody is taken for the service itself
 */
public record OwnProcess(Optional<ProcessIdentity> identity) {
    public boolean is(PeerIdentity peer) {
        return identity.isPresent() && identity.equals(peer.process());
    }
}
