package labeler.guard.relay;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
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

    /** The limit of all VMs together, with the connections to their real monitors. */
    private static final int MOST_CONNECTIONS = 4096;

    private final Selector selector;
    private final MemoryBudget memory = new MemoryBudget();
    private final Queue<Task> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> ends = new ArrayDeque<>();
    private final Queue<Channel> last = new ConcurrentLinkedQueue<>();
    private final BusyPolling polling = new BusyPolling();
    private final Thread thread;

    /** @param failed ends what it belongs to, after a fault */
    private record Task(Runnable work, Runnable failed) {}

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
        execute(task, () -> {});
    }

    /**
     * The same.
     *
     * @param failed ends the connection that the task is for, if there is a fault of the guard's own or no memory
     */
    void execute(Runnable task, Runnable failed) {
        tasks.add(new Task(task, failed));
        if (Thread.currentThread() != thread) {
            selector.wakeup();
        }
    }

    /** Does something once at the end of this turn, after all tasks. For the loop's own thread. */
    void atTurnEnd(Runnable task) {
        ends.add(task);
    }

    /** Lets the loop do something later. */
    void execute(Duration delay, Runnable task) {
        CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(() -> execute(task));
    }

    /**
     * Closes a channel, whose key is cancelled, after the end of the loop. Before that the JDK would tell the peer of an
     * end, although another process has a copy of the connection.
     */
    void closeLast(Channel channel) {
        last.add(channel);
    }

    /** The clients' share of the memory, all together. For the loop's own thread. */
    MemoryBudget memory() {
        return memory;
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
                handleNext();
                runTasks();
                for (Runnable end = ends.poll(); end != null; end = ends.poll()) {
                    run(new Task(end, () -> {}));
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

    /** Waits for a message or a task, and handles the messages that are there. */
    private void handleNext() throws IOException {
        long began = System.nanoTime();
        Duration awake = Duration.ZERO;
        boolean isOver = false;
        if (polling.isWorthwhile()) {
            isOver = poll(began);
            awake = since(began);
        }
        if (!isOver) {
            selector.select(EventLoop::handle);
        }
        polling.waited(since(began), awake);
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** Whether a message or a task came in time. */
    @SuppressWarnings("ThreadPriorityCheck") // A hint: whatever else has work on this processor goes first.
    private boolean poll(long began) throws IOException {
        while (since(began).compareTo(BusyPolling.LONGEST) < 0) {
            if (selector.selectNow(EventLoop::handle) > 0 || !tasks.isEmpty()) {
                return true;
            }
            Thread.yield();
        }
        return false;
    }

    /** None after the end: a connection has no key any more. */
    private void runTasks() {
        while (selector.isOpen()) {
            Task task = tasks.poll();
            if (task == null) {
                return;
            }
            run(task);
        }
    }

    /** A fault of one task must not end the connections of others, nor the loop. */
    private static void run(Task task) {
        try {
            task.work.run();
        } catch (RuntimeException | OutOfMemoryError e) {
            // To tell this needs memory: that of the connection is free by then.
            task.failed.run();
            LOG.error("a fault of a guarded monitor", e);
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
            // Also for lack of memory: that of the connection goes with it, and is there for the log.
            handler.fail();
            LOG.error("a fault ends the connection of a guarded monitor", e);
        }
    }

    /** Ends when all is done that it was given before. */
    @Override
    public void close() throws IOException {
        execute(this::end);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // A thread that had ended before has not done so.
        selector.close();
        last.forEach(Channels::close);
    }

    private void end() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("while ending guards: {}", e.getMessage());
        }
    }
}
