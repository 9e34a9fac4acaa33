package labeler.http;

import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The threads on which answers are made that take system calls on files of VMs. Requests come and go on virtual threads,
 * of which there may be as many as clients; a native call holds what carries a virtual thread, and of carriers there are
 * no more than processors. So such calls are made here.
 */
final class Workers implements AutoCloseable {
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor threads;

    /** @param most at the same time */
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

    /** Done on one of these threads, while the caller waits. Whatever is thrown there is thrown here. */
    <T> T perform(Supplier<T> work) {
        try {
            // An interrupt does not end the wait: what was begun on a VM's files is not left half done for it.
            return CompletableFuture.supplyAsync(work, threads).join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** The same elements, each made on one of these threads. */
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
