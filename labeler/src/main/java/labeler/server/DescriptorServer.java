package labeler.server;

import jakarta.inject.Inject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.config.ServiceConfig;
import labeler.launch.DescriptorExchange;
import labeler.launch.HandedDescriptor;
import labeler.launch.Handovers;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
import labeler.listen.ConnectionPool;
import labeler.listen.PeerRules;
import labeler.listen.SocketPlace;
import labeler.problem.IoReason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second socket, on which a launcher fetches the descriptors that the service has opened for its VM. The kernel
 * must confirm that it is the process whose start was answered. All others get nothing.
 */
final class DescriptorServer {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorServer.class);

    /** For a launcher that gets little of a busy processor; others take their descriptors in milliseconds. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final SocketPlace place;
    private final PeerRules rules;
    private final Handovers handovers;
    private final UnixSockets sockets;
    private final DescriptorExchange exchange;
    private @Nullable ConnectionPool pool;

    @Inject
    DescriptorServer(ServiceConfig config, PeerRules rules, Handovers handovers, UnixSockets sockets) {
        this.place = new SocketPlace(config.descriptorSocket(), rules.ownUid());
        this.rules = rules;
        this.handovers = handovers;
        this.sockets = sockets;
        this.exchange = new DescriptorExchange(sockets);
    }

    void start() throws IOException {
        Path born = place.prepare();
        pool = ConnectionPool.open(
                "descriptors",
                ServerSocketChannel.open(StandardProtocolFamily.UNIX),
                born,
                ConnectionPool.Limits.DEFAULT,
                sockets,
                new LauncherService());
        place.publish(born, rules.gid());
    }

    private final class LauncherService implements ConnectionPool.Service {
        @Override
        public Object user(PeerIdentity peer) {
            return peer.uid();
        }

        @Override
        public void serve(SocketChannel launcher, PeerIdentity peer) {
            hand(launcher, peer);
        }
    }

    private void hand(SocketChannel launcher, PeerIdentity peer) {
        Optional<String> refusal = rules.refusal(peer);
        if (refusal.isPresent()) {
            LOG.warn("descriptors are refused: {}", refusal.get());
            return;
        }
        // The start time must match as well: process numbers are reused.
        Optional<List<HandedDescriptor>> handed = peer.process().flatMap(handovers::take);
        if (handed.isEmpty()) {
            LOG.warn("process {} asks for descriptors, and none are there for it", peer.pid());
            return;
        }
        try {
            exchange.send(launcher, handed.get(), LONGEST);
            LOG.info(
                    "process {} has its {} descriptors",
                    peer.pid(),
                    handed.get().size());
        } catch (IOException e) {
            LOG.warn("process {} does not have its descriptors: {}", peer.pid(), IoReason.of(e));
        } finally {
            // qemu's locks end with its own copies only if nobody else has one.
            handed.get().forEach(HandedDescriptor::close);
        }
    }

    void stop() throws IOException {
        if (pool != null) {
            place.remove();
            pool.close();
        }
        handovers.close();
    }
}
