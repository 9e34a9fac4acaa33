package labeler.listen;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import labeler.linux.PeerIdentity;
import labeler.linux.SocketLimit;
import labeler.linux.UnixSockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections at a socket, and serves a few of them at the same time, each on a thread. Who connects may mean
 * harm: so there are bounds for all and for each user, an end of patience, and no line in the log for a connection that
 * fails.
 */
public final class ConnectionPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    /**
     * The pause after a failed accept (no descriptors left, for example), to avoid a busy loop. No event says when
     * there are descriptors again: the socket stays ready meanwhile.
     */
    private static final int PAUSE_AFTER_FAILURE_MILLIS = 200;

    private final String name;
    private final ServerSocketChannel listening;
    private final Duration patience;
    private final UnixSockets sockets;
    private final Service service;
    private final Turns turns;

    /** A socket's handling of its connections. */
    public interface Service {
        /** Whose connections count together, against the bounds for one user. */
        Object user(PeerIdentity peer);

        /** Serves one connection, to its end. Log a failure before throwing it. */
        void serve(SocketChannel channel, PeerIdentity peer) throws IOException;
    }

    /**
     * The bounds on what a socket's clients may take.
     *
     * @param atOnce connections served at the same time
     * @param atOnceOfUser the same for one user; fewer, so that others are served beside him
     * @param open connections that are served or wait for that; one more is closed at once
     * @param openOfUser the same for one user
     * @param patience the longest time in which one is served; then nothing more is heard from it
     */
    public record Limits(int atOnce, int atOnceOfUser, int open, int openOfUser, Duration patience) {
        public static final Limits DEFAULT = new Limits(8, 4, 256, 128, Duration.ofMinutes(2));
    }

    private ConnectionPool(
            String name, ServerSocketChannel listening, Limits limits, UnixSockets sockets, Service service) {
        this.name = name;
        this.listening = listening;
        this.patience = limits.patience();
        this.sockets = sockets;
        this.service = service;
        this.turns = new Turns(limits);
    }

    /**
     * Listens, and serves from the first connection on.
     *
     * @param name of the threads, and in the log
     * @param channel that has no name yet; the pool's from now on
     * @param bound where to listen
     */
    public static ConnectionPool open(
            String name, ServerSocketChannel channel, Path bound, Limits limits, UnixSockets sockets, Service service)
            throws IOException {
        channel.bind(UnixDomainSocketAddress.of(bound));
        ConnectionPool pool = new ConnectionPool(name, channel, limits, sockets, service);
        for (int i = 0; i < limits.atOnce(); i++) {
            Thread.ofPlatform().name(name + "-" + i).daemon().start(pool::serveAll);
        }
        Thread.ofPlatform().name(name).daemon().start(pool::acceptAll);
        return pool;
    }

    private void acceptAll() {
        while (listening.isOpen()) {
            try {
                accepted(listening.accept());
            } catch (ClosedChannelException e) {
                // The service stops.
                return;
            } catch (IOException e) {
                LOG.warn("{}: {}", name, e.getMessage());
                pause();
            } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
                // A socket at which nobody accepts would be worse.
                lost(e);
                pause();
            }
        }
    }

    private void accepted(SocketChannel channel) throws IOException {
        boolean isTaken = false;
        try {
            PeerIdentity peer = sockets.peer(channel);
            isTaken = turns.enqueue(new Turns.Connection(channel, peer, service.user(peer)));
        } finally {
            if (!isTaken) {
                // The peer is told at once.
                channel.close();
            }
        }
    }

    /** A thread that ended here would be missed until the service ends: nothing but its end ends this. */
    private void serveAll() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                goesOn = serveNext();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                goesOn = false;
            } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
                lost(e);
            }
        }
    }

    /** Whether there was one, and there may be more. */
    private boolean serveNext() throws InterruptedException {
        Optional<Turns.Connection> next = turns.next();
        if (next.isPresent()) {
            try {
                serve(next.get());
            } finally {
                turns.end(next.get());
            }
        }
        return next.isPresent();
    }

    private void serve(Turns.Connection connection) {
        try (SocketChannel channel = connection.channel();
                SocketLimit _ = SocketLimit.on(channel, patience)) {
            service.serve(channel, connection.peer());
        } catch (IOException e) {
            // Who connects can make it fail as often as he likes.
            LOG.debug("{}: a connection failed: {}", name, e.getMessage());
        }
    }

    /** To tell it may need more memory than there is. */
    private void lost(Throwable e) {
        try {
            LOG.error("{}: a connection is lost", name, e);
        } catch (OutOfMemoryError | StackOverflowError _) {
            // The next one is told again.
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Turns.Connection waiting : turns.close()) {
            waiting.channel().close();
        }
    }
}
