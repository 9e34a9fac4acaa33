package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Who changes what is held, in memory and in the journal, has both to itself. Never held over a call on a VM's file: the
 * file systems of VMs answer when they like. Fair: 64 starts at once are served in their order.
 */
public final class HostLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

    private final transient Condition changed = newCondition();

    @Inject
    HostLock() {
        super(true);
    }

    /** The answer, found while nobody else changes anything. */
    public <T> T holding(Supplier<T> answer) {
        lock();
        try {
            return answer.get();
        } finally {
            unlock();
        }
    }

    /** Does this while nobody else changes anything. */
    public void changing(Runnable change) {
        lock();
        try {
            change.run();
        } finally {
            unlock();
        }
    }

    /** With the lock held: whoever waits looks again. */
    void changed() {
        changed.signalAll();
    }

    /**
     * With the lock held, which others may have meanwhile: waits until it is so.
     *
     * @param deadline by {@link System#nanoTime}
     * @return whether it is so
     */
    public boolean await(BooleanSupplier isSo, long deadline) {
        boolean interrupted = false;
        try {
            while (!isSo.getAsBoolean()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                try {
                    boolean _ = changed.await(left, TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
