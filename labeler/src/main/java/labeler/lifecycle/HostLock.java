package labeler.lifecycle;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Who plans and labels has the host to itself. Fair: 64 starts at once are served in their order. */
final class HostLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

    HostLock() {
        super(true);
    }

    /** The answer, found while nobody else changes anything. */
    <T> T holding(Supplier<T> answer) {
        lock();
        try {
            return answer.get();
        } finally {
            unlock();
        }
    }
}
