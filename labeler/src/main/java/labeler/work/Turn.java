package labeler.work;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The right of one asker to work beside a bounded number of others. While it waits long for a file system, another has it:
 * one file system that does not answer takes no turn from those that have to do with others. For the asker's own threads, one
 * after the other.
 */
public final class Turn {
    private final Semaphore all;
    private final Semaphore places;
    private boolean isHeld;
    private boolean isResting;
    private boolean hasWaitedInVain;

    private Turn(Semaphore all, Semaphore places) {
        this.all = all;
        this.places = places;
    }

    /**
     * Waits until one of these is free.
     *
     * @param places for those that rest: without one an asker keeps its turn, since each that rests costs threads
     */
    public static Turn take(Semaphore all, Semaphore places) {
        Turn turn = new Turn(all, places);
        all.acquireUninterruptibly();
        turn.isHeld = true;
        return turn;
    }

    /** Others may have it. Does not wait. */
    void rest() {
        if (isHeld && places.tryAcquire()) {
            isResting = true;
            isHeld = false;
            all.release();
        }
    }

    /**
     * Has it again.
     *
     * @param patience after which the asker goes on without: whoever has a turn may wait for something that this one has.
     *     It waits so once: an answer has many waits, and a client's patience is for all of them
     */
    void resume(Duration patience) {
        if (isHeld) {
            return;
        }
        try {
            isHeld = hasWaitedInVain ? all.tryAcquire() : all.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
            hasWaitedInVain = !isHeld;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wake();
    }

    private void wake() {
        if (isHeld && isResting) {
            isResting = false;
            places.release();
        }
    }

    /** The asker has its answer. */
    public void end() {
        if (isHeld) {
            isHeld = false;
            all.release();
        }
        if (isResting) {
            isResting = false;
            places.release();
        }
    }
}
