package labeler.guard.relay;

import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import labeler.linux.PeerIdentity;

/**
 * The means by which connections of a relay outlive the service.
 *
 * @param record of the state; empty where connections end with the service
 * @param earlier where an earlier service has left the same connections
 * @param clients that were connected to that
 */
public record Continuity(Optional<StateRecord> record, Optional<RelayState> earlier, List<Guest> clients) {
    public Continuity {
        clients = List.copyOf(clients);
    }

    /** Somebody who has connected. */
    public record Guest(SocketChannel channel, PeerIdentity peer) {}

    /** Connections end with the service. */
    public static Continuity none() {
        return new Continuity(Optional.empty(), Optional.empty(), List.of());
    }
}
