package labeler.waiting;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for a state, never for a time. */
public final class Eventually {
    /** Ends a test that would hang. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Between the first two looks. What is waited for needs the processor, so each pause is longer than the one before. */
    private static final Duration FIRST_PAUSE = Duration.ofNanos(100_000);

    private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);

    private Eventually() {}

    /**
     * A state that comes by itself.
     *
     * @param <E> of a look that fails; it ends the test
     */
    @FunctionalInterface
    public interface State<E extends Exception> {
        boolean isSo() throws E;
    }

    /** The line of the test says which state. */
    public static <E extends Exception> void eventually(State<E> state) throws E {
        eventually("what this line waits for", state);
    }

    /**
     * Waits for it.
     *
     * @param what the state, for a test that fails
     */
    public static <E extends Exception> void eventually(String what, State<E> state) throws E {
        eventually(() -> what, state);
    }

    /**
     * Waits for it.
     *
     * @param story told if the state never comes
     */
    public static <E extends Exception> void eventually(Supplier<String> story, State<E> state) throws E {
        long end = System.nanoTime() + PATIENCE.toNanos();
        long pause = FIRST_PAUSE.toNanos();
        while (!state.isSo()) {
            if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
                throw new AssertionError("in time: " + story.get());
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
        }
    }

    /** Waits until it is released, in code that may not be interrupted. */
    public static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
