package labeler.survey.look;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks about processes. An answer may never come: a process's memory can lie on a file system whose server is gone, or
 * whose server is the process's owner. So each question has a thread of its own, for which nobody waits for ever.
 */
final class Patience {
    /** The bound on the waiting for all questions together, in waits for one. A user may have a thousand processes. */
    private static final int SILENT = 3;

    /** An answer that does come is there in a fraction of it. */
    private static final Duration LEAST = Duration.ofMillis(50);

    private final Duration one;
    private Duration left;

    /** A question about a process. */
    @FunctionalInterface
    interface Question<T> {
        T ask() throws IOException;
    }

    Patience(Duration one) {
        this.one = one;
        this.left = one.multipliedBy(SILENT);
    }

    /** The answer; empty if it does not come in time. */
    <T> Optional<T> ask(Question<T> question) throws IOException {
        FutureTask<T> asked = new FutureTask<>(question::ask);
        Thread.ofPlatform().name("process").daemon().start(asked);
        Duration wait = left.compareTo(one) < 0 ? left : one;
        Duration limit = wait.compareTo(LEAST) < 0 ? LEAST : wait;
        try {
            return Optional.of(asked.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            left = left.compareTo(limit) < 0 ? Duration.ZERO : left.minus(limit);
            return Optional.empty();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
