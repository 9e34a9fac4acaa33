package labeler.http;

import jakarta.inject.Inject;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import labeler.config.ServiceConfig;
import labeler.work.FileSystemWork;
import labeler.work.Turn;

/**
 * The threads for answers that need system calls on files of VMs. Each request has a virtual thread. A native call
 * blocks the carrier of its virtual thread, and there are only as many carriers as processors. So such calls are made
 * here. A bounded number works at a time; one that waits for a file system has a thread still, but lets another work.
 */
public final class Workers implements AutoCloseable {
    /** The time between two looks for the end of an answer. */
    private static final long LOOK_SECONDS = 1;

    /**
     * Requests that wait for file systems beside those that work. More than one user has connections (see {@link Limits}), so
     * that no user's requests keep those of others waiting; few enough for their threads.
     */
    private static final int MOST_RESTING = 80;

    private final FileSystemWork files;

    /** In the order in which they came. */
    private final Semaphore turns;

    private final Semaphore resting = new Semaphore(MOST_RESTING);

    /** No more than work and rest. */
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("worker-", 0).daemon().factory());

    /** How many answers were made. */
    private final AtomicLong made = new AtomicLong();

    @Inject
    Workers(ServiceConfig config, FileSystemWork files) {
        this.files = files;
        this.turns = new Semaphore(config.threads(), true);
    }

    /** Does the work on one of these threads, while the caller waits. Exceptions from there are thrown here. */
    <T> T perform(Supplier<T> work) {
        Turn turn = Turn.take(turns, resting);
        try {
            return onThread(() -> files.with(turn, work));
        } finally {
            turn.end();
            made.incrementAndGet();
        }
    }

    private <T> T onThread(Supplier<T> work) {
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

    /**
     * Returns when these threads are at work: one is free, or one has come to the end of an answer since. However many wait
     * for them, this does not return for a service that makes no more answers.
     */
    void awaitProgress() {
        long before = made.get();
        while (made.get() == before) {
            try {
                if (turns.tryAcquire(LOOK_SECONDS, TimeUnit.SECONDS)) {
                    try {
                        boolean _ = onThread(() -> true);
                        return;
                    } finally {
                        turns.release();
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
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
