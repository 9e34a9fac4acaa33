package labeler.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The things to close before the service ends, the last opened first. */
final class ShutdownOrder {
    private static final Logger LOG = LoggerFactory.getLogger(ShutdownOrder.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    synchronized void add(AutoCloseable closeable) {
        open.push(closeable);
    }

    /** Closes all of them. A failure is logged and stops nothing. */
    synchronized void close() {
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                LOG.error("{} is not closed cleanly", next.getClass().getSimpleName(), e);
            }
        }
    }
}
