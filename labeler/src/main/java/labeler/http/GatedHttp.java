package labeler.http;

import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import labeler.http.RequestRefusal.Reason;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
import labeler.listen.OwnProcess;
import labeler.listen.PeerRules;
import labeler.metrics.Metrics;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP for permitted peers. The kernel identifies a peer before a byte of it is read. Any other peer gets a fixed
 * answer, and nothing that it sends is parsed.
 */
final class GatedHttp extends HttpConnectionFactory {
    /** The attribute of a connection that holds its {@link PeerIdentity}. */
    static final String PEER = "labeler.peer";

    /** Set on a connection whose request has been read in full. */
    static final String COMPLETE = "labeler.complete";

    /** Set on the service's own connections, by which it checks whether it answers, and rehearses. */
    static final String OWN = "labeler.own";

    private static final Logger LOG = LoggerFactory.getLogger(GatedHttp.class);

    private final UnixSockets sockets;
    private final PeerRules rules;
    private final OwnProcess own;
    private final Metrics metrics;
    private final Limits limits;
    private final ConnectionsOfUsers users;

    GatedHttp(
            HttpConfiguration http,
            UnixSockets sockets,
            PeerRules rules,
            OwnProcess own,
            Metrics metrics,
            Limits limits) {
        super(http);
        this.sockets = sockets;
        this.rules = rules;
        this.own = own;
        this.metrics = metrics;
        this.limits = limits;
        this.users = new ConnectionsOfUsers(limits.connectionsOfUser());
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        PeerIdentity peer;
        try {
            peer = sockets.peer(channel(endPoint));
        } catch (LinuxException e) {
            LOG.warn("a connection is refused, since its peer cannot be known: {}", e.getMessage());
            metrics.peerRefused();
            return refused(connector, endPoint, Reason.NOT_PERMITTED, "the peer's identity cannot be known");
        }
        boolean isOwn = own.is(peer);
        Optional<String> refusal = isOwn ? Optional.empty() : rules.refusal(peer);
        if (refusal.isPresent()) {
            LOG.warn("a connection is refused: {}", refusal.get());
            metrics.peerRefused();
            return refused(connector, endPoint, Reason.NOT_PERMITTED, refusal.get());
        }
        boolean isCounted = !rules.isOwner(peer);
        if (isCounted && !users.enter(peer.uid())) {
            LOG.debug("a connection is refused: user {} has all that are its", peer.uid());
            String message = "user " + peer.uid() + " has " + limits.connectionsOfUser()
                    + " requests open, and may have no more; ask again when one is answered";
            return refused(connector, endPoint, Reason.BUSY, message);
        }
        if (!isOwn) {
            LOG.debug("{} connects", PeerRules.words(peer));
        }
        Connection connection = super.newConnection(connector, endPoint);
        if (isCounted) {
            connection.addEventListener(closed(() -> users.leave(peer.uid())));
        }
        if (connection instanceof ConnectionMetaData http) {
            http.setAttribute(PEER, peer);
            http.setAttribute(OWN, isOwn);
            Scheduler.Task timer = timer(connector, endPoint, http);
            // A timer that runs until its time would keep the whole connection in memory until then.
            connection.addEventListener(closed(timer::cancel));
        }
        return connection;
    }

    private static Connection refused(Connector connector, EndPoint endPoint, Reason reason, String message) {
        return new RefusedConnection(endPoint, connector.getExecutor(), HttpAnswer.refusal(reason, message));
    }

    private static Connection.Listener closed(Runnable action) {
        return new Connection.Listener() {
            @Override
            public void onClosed(Connection connection) {
                action.run();
            }
        };
    }

    /** A client that sends a byte now and then never looks idle, so the whole request also has a time limit. */
    private Scheduler.Task timer(Connector connector, EndPoint endPoint, ConnectionMetaData http) {
        return connector
                .getScheduler()
                .schedule(
                        () -> {
                            if (http.getAttribute(COMPLETE) == null) {
                                endPoint.close(new TimeoutException("the request took too long"));
                            }
                        },
                        limits.requestTime().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static SocketChannel channel(EndPoint endPoint) {
        if (endPoint instanceof SocketChannelEndPoint end) {
            return end.getChannel();
        }
        throw new IllegalStateException("not a Unix socket: " + endPoint.getClass());
    }
}
