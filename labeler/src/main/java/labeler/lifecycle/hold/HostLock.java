package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Protects the held VMs and files, in memory and in the journal: one thread at a time changes them. Never held over a
 * call on a VM's file, since file systems of VMs may be slow. Fair: 64 starts at once are served in order.
 */
public final class HostLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

    private final transient Condition changed = newCondition();

    @Inject
    HostLock() {
        super(true);
    }

    /** Computes the answer while nobody else changes anything. */
    public <T> T holding(Supplier<T> answer) {
        lock();
        try {
            return answer.get();
        } finally {
            unlock();
        }
    }

    /** Runs the change while nobody else changes anything. */
    public void changing(Runnable change) {
        lock();
        try {
            change.run();
        } finally {
            unlock();
        }
    }

    /** Wakes the waiting threads. Runs with the lock held. */
    void changed() {
        changed.signalAll();
    }

    /**
     * Waits for the condition. Runs with the lock held; others may have the lock in the meantime.
     *
     * @param deadline by {@link System#nanoTime}
     * @return whether the condition holds
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
