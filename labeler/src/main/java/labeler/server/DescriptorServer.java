package labeler.server;

import jakarta.inject.Inject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import labeler.config.ServiceConfig;
import labeler.launch.DescriptorExchange;
import labeler.launch.HandedDescriptor;
import labeler.launch.Handovers;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
import labeler.listen.PeerRules;
import labeler.listen.SocketPlace;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second socket, on which a launcher fetches the descriptors that the service has opened for its VM. The kernel
 * must confirm that it is the process whose start was answered. All others get nothing.
 */
final class DescriptorServer {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorServer.class);

    /** Launchers served at the same time. A slow launcher must not make all others wait. */
    private static final int LAUNCHERS = 8;

    /**
     * The pause after a failed accept (no descriptors left, for example), to avoid a busy loop. No event says when
     * there are descriptors again: the socket stays ready meanwhile.
     */
    private static final int PAUSE_AFTER_FAILURE_MILLIS = 200;

    private final SocketPlace place;
    private final Path path;
    private final PeerRules rules;
    private final Handovers handovers;
    private final UnixSockets sockets;
    private final DescriptorExchange exchange;
    private final ExecutorService launchers = Executors.newFixedThreadPool(
            LAUNCHERS, Thread.ofPlatform().name("descriptors-", 0).daemon().factory());
    private @Nullable ServerSocketChannel listening;

    @Inject
    DescriptorServer(ServiceConfig config, PeerRules rules, Handovers handovers, UnixSockets sockets) {
        this.path = config.descriptorSocket();
        this.place = new SocketPlace(path, rules.ownUid());
        this.rules = rules;
        this.handovers = handovers;
        this.sockets = sockets;
        this.exchange = new DescriptorExchange(sockets);
    }

    void start() throws IOException {
        Path born = place.prepare();
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(born));
        place.publish(born, rules.gid());
        listening = channel;
        Thread.ofPlatform().name("descriptors").daemon().start(() -> serve(channel));
    }

    private void serve(ServerSocketChannel channel) {
        while (channel.isOpen()) {
            try {
                dispatch(channel.accept());
            } catch (ClosedChannelException e) {
                // The service stops.
                return;
            } catch (IOException e) {
                LOG.warn("{}: {}", HostPath.of(path), e.getMessage());
                pause();
            }
        }
    }

    private void dispatch(SocketChannel launcher) throws IOException {
        try {
            launchers.execute(() -> hand(launcher));
        } catch (RejectedExecutionException e) {
            // The service stops, and tells the launcher at once.
            launcher.close();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void hand(SocketChannel launcher) {
        try (launcher) {
            PeerIdentity peer = sockets.peer(launcher);
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
                exchange.send(launcher, handed.get());
                LOG.info(
                        "process {} has its {} descriptors",
                        peer.pid(),
                        handed.get().size());
            } finally {
                // qemu's locks end with its own copies only if nobody else has one.
                handed.get().forEach(HandedDescriptor::close);
            }
        } catch (IOException e) {
            LOG.warn("descriptors could not be handed over: {}", e.getMessage());
        }
    }

    void stop() throws IOException {
        if (listening != null) {
            place.remove();
            listening.close();
        }
        launchers.shutdown();
        handovers.close();
    }
}
