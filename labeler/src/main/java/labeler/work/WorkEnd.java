package labeler.work;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** The end of threads in the background. */
public final class WorkEnd {
    private WorkEnd() {}

    /**
     * Begins no more work, and waits for that which is under way, unless this thread is interrupted.
     *
     * @param late called if it has not ended by then
     */
    public static void await(ExecutorService threads, long seconds, Runnable late) {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(seconds, TimeUnit.SECONDS)) {
                late.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
