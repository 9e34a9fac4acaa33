package labeler.registry.etcd;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import labeler.registry.Refusal;
import labeler.registry.etcd.value.RefusedException;

/**
 * The end of a call's patience.
 *
 * @param nanos of {@link System#nanoTime}
 */
record Deadline(long nanos) {
    static Deadline after(Duration patience) {
        return new Deadline(System.nanoTime() + patience.toNanos());
    }

    boolean isOver() {
        return System.nanoTime() - nanos >= 0;
    }

    long millisLeft() {
        return Math.max(0, (nanos - System.nanoTime()) / 1_000_000);
    }

    /** Waits a little before the next try. */
    void pause(Duration time) throws RefusedException {
        try {
            Thread.sleep(Math.min(time.toMillis(), millisLeft() + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(new Refusal.Unreachable("the service is about to end"));
        }
    }

    /** Some work. */
    interface Work<T> {
        T get() throws RefusedException;
    }

    /** Works with a lock, or gives up. */
    <T> T holding(Lock lock, Work<T> work) throws RefusedException {
        boolean isHeld = false;
        try {
            isHeld = lock.tryLock(millisLeft(), TimeUnit.MILLISECONDS);
            if (!isHeld) {
                throw new RefusedException(
                        new Refusal.Unreachable("earlier requests of this host wait for their answers"));
            }
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(new Refusal.Unreachable("the service is about to end"));
        } finally {
            if (isHeld) {
                lock.unlock();
            }
        }
    }
}
