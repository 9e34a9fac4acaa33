package labeler.guard.relay;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that waits for all connections of all guarded monitors. All that belongs to a connection is touched by this
 * thread alone, so that there are no locks; nothing that takes time may be done in it.
 */
public final class EventLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    /** Of all VMs together, with the connections to their real monitors. */
    private static final int MOST_CONNECTIONS = 4096;

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    /** Called when the channel is ready for what its key waits for. */
    interface Handler {
        void ready();

        /** Ends the connection, after a fault of the guard's own. It would be ready again at once, and for ever. */
        void fail();
    }

    /**
     * Begins at once.
     *
     * @throws IOException where there is no descriptor left for it
     */
    public EventLoop() throws IOException {
        this.selector = Selector.open();
        this.thread = Thread.ofPlatform().name("guard").daemon().start(this::run);
    }

    /** Lets the loop do something, which must not wait; for all threads. */
    void execute(Runnable task) {
        tasks.add(task);
        if (Thread.currentThread() != thread) {
            selector.wakeup();
        }
    }

    /** The same, later. */
    void execute(Duration delay, Runnable task) {
        CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(() -> execute(task));
    }

    /** Whether no more clients are served. For the loop's own thread. */
    boolean isFull() {
        return selector.keys().size() >= MOST_CONNECTIONS;
    }

    /** For the loop's own thread. */
    SelectionKey register(SelectableChannel channel, int operations, Handler handler) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, operations, handler);
    }

    private void run() {
        while (selector.isOpen()) {
            try {
                selector.select(EventLoop::handle);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            } catch (ClosedSelectorException e) {
                // The guard ends.
                return;
            } catch (IOException e) {
                LOG.error("guarded monitors are not served any more", e);
                return;
            } catch (RuntimeException e) {
                // A task's fault must not end the connections of all others.
                LOG.error("a fault of a guarded monitor", e);
            }
        }
    }

    /** A fault of one connection ends that one, and no other. */
    private static void handle(SelectionKey key) {
        Handler handler = (Handler) key.attachment();
        try {
            handler.ready();
        } catch (CancelledKeyException e) {
            LOG.debug("a connection that had ended", e);
        } catch (RuntimeException | OutOfMemoryError e) {
            // Of memory, too: what the connection had goes with it.
            LOG.error("a fault ends the connection of a guarded monitor", e);
            handler.fail();
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
