package labeler.linux.jna;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keeps a few {@link Scratch} areas for the next call. It has slots, tried from one that the thread's number picks, and
 * not thread-local memory: there may be thousands of virtual threads. A thread that finds all slots empty makes another
 * area; a surplus area is left to the collector.
 */
final class ScratchPool {
    /** A power of two, above the number of threads that usually call at once. */
    private static final int SLOTS = 16;

    private final AtomicReferenceArray<Scratch> slots = new AtomicReferenceArray<>(SLOTS);

    Scratch take() {
        int home = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            Scratch free = slots.getAndSet((home + i) & (SLOTS - 1), null);
            if (free != null) {
                return free;
            }
        }
        return new Scratch(this);
    }

    void giveBack(Scratch scratch) {
        int home = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            if (slots.compareAndSet((home + i) & (SLOTS - 1), null, scratch)) {
                return;
            }
        }
    }
}
