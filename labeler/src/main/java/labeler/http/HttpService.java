package labeler.http;

import jakarta.inject.Inject;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;
import labeler.config.ProgramVersion;
import labeler.config.ServiceConfig;
import labeler.linux.HostPath;
import labeler.linux.UnixSockets;
import labeler.listen.OwnProcess;
import labeler.listen.PeerRules;
import labeler.listen.SocketPlace;
import labeler.metrics.Metrics;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens, and stops listening. One request a connection, so that the gate and the times hold for each request. */
public final class HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);

    /** Connections that may wait in the kernel, which turns away more. With 50, some of 64 starts at once fail. */
    private static final int WAITING = 1024;

    /** Threads that accept, select and begin requests. The JDK's virtual threads do the rest. */
    private static final int CONNECTION_THREADS = 8;

    private final Server server;
    private final HttpHandler handler;
    private final UnixDomainServerConnector connector;
    private final ServiceConfig config;
    private final PeerRules rules;
    private final SocketPlace place;

    /** The path where the socket is bound first; empty for a socket from systemd. */
    private Optional<Path> nursery = Optional.empty();

    @Inject
    HttpService(
            ServiceConfig config,
            PeerRules rules,
            OwnProcess own,
            Limits limits,
            UnixSockets sockets,
            Metrics metrics,
            HttpHandler handler) {
        this.config = config;
        this.rules = rules;
        this.place = new SocketPlace(config.socket(), rules.ownUid());
        this.handler = handler;
        QueuedThreadPool threads = new QueuedThreadPool(CONNECTION_THREADS);
        threads.setName("http");
        // Each request has a virtual thread, which costs next to nothing. So slow clients take no thread from others.
        threads.setVirtualThreadsExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("request-", 0).factory()));
        this.server = new Server(threads);
        HttpConfiguration http = http(limits);
        this.connector =
                new UnixDomainServerConnector(server, 1, 1, new GatedHttp(http, sockets, rules, own, metrics, limits));
        connector.setAcceptQueueSize(WAITING);
        connector.setIdleTimeout(limits.idleTime().toMillis());
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
        server.setErrorHandler(new PlainErrors());
        server.setHandler(new GracefulHandler(handler));
        server.setStopTimeout(limits.stopTime().toMillis());
    }

    private static HttpConfiguration http(Limits limits) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setPersistentConnectionsEnabled(false);
        http.setRequestHeaderSize(limits.headerSize());
        // The path is decoded here, once, from the bytes as sent. So no spelling of a name is ambiguous.
        http.setUriCompliance(UriCompliance.UNSAFE);
        return http;
    }

    /**
     * Prepares the socket: the one that systemd passed as descriptor 0, or one of its own.
     *
     * @throws IOException if another service has it, with a message for people
     */
    public void prepare() throws IOException {
        if (!(System.inheritedChannel() instanceof ServerSocketChannel)) {
            nursery = Optional.of(place.prepare());
        }
    }

    /**
     * Starts to listen on the prepared socket.
     *
     * @throws IOException if it cannot, with a message for people
     */
    public void start() throws IOException {
        if (nursery.isEmpty()) {
            connector.setInheritChannel(true);
            connector.setUnixDomainPath(place.unused());
            startServer();
            LOG.info("labelerd {} listens on the socket passed to it", ProgramVersion.text());
            return;
        }
        Path born = nursery.get();
        connector.setUnixDomainPath(born);
        startServer();
        place.publish(born, rules.gid());
        // When it stops, Jetty removes the name that it bound. By then another service may have that name.
        connector.setUnixDomainPath(place.unused());
        LOG.info("labelerd {} listens on {}", ProgramVersion.text(), HostPath.of(config.socket()));
    }

    /** The address for clients, once it has started. */
    public SocketAddress address() throws IOException {
        if (System.inheritedChannel() instanceof ServerSocketChannel passed) {
            return passed.getLocalAddress();
        }
        return UnixDomainSocketAddress.of(config.socket());
    }

    private void startServer() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the server does not start: " + e.getMessage(), e);
        }
    }

    /** Takes no more requests, lets those in progress end, and removes the socket if it is our own. */
    public void stop() throws IOException {
        LOG.info("labelerd stops; VMs keep their labels");
        try {
            place.remove();
        } finally {
            stopServer();
            handler.close();
        }
    }

    private void stopServer() throws IOException {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IOException("the server does not stop: " + e.getMessage(), e);
        }
    }
}
