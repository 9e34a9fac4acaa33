package labeler.http;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The threads for answers that need system calls on files of VMs. Each request has a virtual thread. A native call
 * blocks the carrier of its virtual thread, and there are only as many carriers as processors. So such calls are made
 * here.
 */
final class Workers implements AutoCloseable {
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor threads;

    /** @param most the number of threads */
    Workers(int most) {
        threads = new ThreadPoolExecutor(
                most,
                most,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("worker-", 0).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** Does the work on one of these threads, while the caller waits. Exceptions from there are thrown here. */
    <T> T perform(Supplier<T> work) {
        try {
            // An interrupt does not end the wait: work on a VM's files must not be left half done.
            return CompletableFuture.supplyAsync(work, threads).join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** An iterator over the same elements, each made on one of these threads. */
    <T> Iterator<T> performing(Iterator<T> elements) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return perform(elements::hasNext);
            }

            @Override
            public T next() {
                return elements.next();
            }
        };
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
