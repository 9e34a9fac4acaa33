package labeler.listen;

import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.PeerIdentity;

/**
 * Connections whose turn is to come. They are served in the order in which they came, but a user who has as many threads
 * as he may lets the others pass. Safe for use by many threads.
 */
final class Turns {
    private final ConnectionPool.Limits limits;
    private final Deque<Connection> waiting = new ArrayDeque<>();
    /** Those that wait, and those that are served. */
    private final Map<Object, Integer> open = new HashMap<>();

    private final Map<Object, Integer> served = new HashMap<>();
    private int allOpen;
    private boolean isClosed;

    Turns(ConnectionPool.Limits limits) {
        this.limits = limits;
    }

    /** @param user whose connections are counted together */
    record Connection(SocketChannel channel, PeerIdentity peer, Object user) {}

    /**
     * Queues a connection for its turn.
     *
     * @return false where there are too many, of all users or of this one
     */
    synchronized boolean enqueue(Connection next) {
        if (isClosed || allOpen >= limits.open() || open.getOrDefault(next.user(), 0) >= limits.openOfUser()) {
            return false;
        }
        allOpen++;
        open.merge(next.user(), 1, Integer::sum);
        waiting.add(next);
        notifyAll();
        return true;
    }

    /** Waits for the next one; empty when there will be none. {@link #end} must follow. */
    synchronized Optional<Connection> next() throws InterruptedException {
        while (!isClosed) {
            Optional<Connection> next = waiting.stream()
                    .filter(one -> served.getOrDefault(one.user(), 0) < limits.atOnceOfUser())
                    .findFirst();
            if (next.isPresent()) {
                waiting.remove(next.get());
                served.merge(next.get().user(), 1, Integer::sum);
                return next;
            }
            wait();
        }
        return Optional.empty();
    }

    synchronized void end(Connection over) {
        allOpen--;
        less(open, over.user());
        less(served, over.user());
        notifyAll();
    }

    private static void less(Map<Object, Integer> counts, Object user) {
        counts.computeIfPresent(user, (_, count) -> count > 1 ? count - 1 : null);
    }

    /** Nobody's turn comes any more. Returns those who have waited in vain. */
    synchronized List<Connection> close() {
        isClosed = true;
        List<Connection> left = List.copyOf(waiting);
        waiting.clear();
        notifyAll();
        return left;
    }
}
