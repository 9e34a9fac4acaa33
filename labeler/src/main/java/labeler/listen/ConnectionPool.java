package labeler.listen;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections at a socket, and serves a few of them at the same time, each on a thread. */
public final class ConnectionPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    /**
     * The pause after a failed accept (no descriptors left, for example), to avoid a busy loop. No event says when
     * there are descriptors again: the socket stays ready meanwhile.
     */
    private static final int PAUSE_AFTER_FAILURE_MILLIS = 200;

    private final String name;
    private final ServerSocketChannel listening;
    private final Service service;
    private final ExecutorService threads;

    /** Serves one connection, to its end. */
    @FunctionalInterface
    public interface Service {
        void serve(SocketChannel peer) throws IOException;
    }

    private ConnectionPool(String name, ServerSocketChannel listening, int atOnce, Service service) {
        this.name = name;
        this.listening = listening;
        this.service = service;
        this.threads = Executors.newFixedThreadPool(
                atOnce, Thread.ofPlatform().name(name + "-", 0).daemon().factory());
    }

    /**
     * Listens, and serves from the first connection on.
     *
     * @param name of the threads, and in the log
     * @param channel that has no name yet; the pool's from now on
     * @param bound where to listen
     * @param atOnce connections served at the same time
     */
    public static ConnectionPool open(String name, ServerSocketChannel channel, Path bound, int atOnce, Service service)
            throws IOException {
        channel.bind(UnixDomainSocketAddress.of(bound));
        ConnectionPool pool = new ConnectionPool(name, channel, atOnce, service);
        Thread.ofPlatform().name(name).daemon().start(pool::run);
        return pool;
    }

    private void run() {
        while (listening.isOpen()) {
            try {
                dispatch(listening.accept());
            } catch (ClosedChannelException e) {
                // The service stops.
                return;
            } catch (IOException e) {
                LOG.warn("{}: {}", name, e.getMessage());
                pause();
            }
        }
    }

    private void dispatch(SocketChannel peer) throws IOException {
        try {
            threads.execute(() -> serve(peer));
        } catch (RejectedExecutionException e) {
            // The service stops, and tells the peer at once.
            peer.close();
        }
    }

    private void serve(SocketChannel peer) {
        try (peer) {
            service.serve(peer);
        } catch (IOException e) {
            LOG.warn("{}: a connection failed: {}", name, e.getMessage());
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
        threads.shutdown();
    }
}
