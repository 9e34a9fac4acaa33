package labeler.it;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** How all that a test has begun ends: the last first, and each of them although another one's end fails. */
final class Endings implements AutoCloseable {
    private final Deque<Ending> begun = new ArrayDeque<>();

    /** The end of one thing. */
    interface Ending {
        void end() throws IOException;
    }

    void add(Ending ending) {
        begun.push(ending);
    }

    @Override
    public void close() throws IOException {
        if (begun.isEmpty()) {
            return;
        }
        try {
            begun.pop().end();
        } finally {
            close();
        }
    }
}
