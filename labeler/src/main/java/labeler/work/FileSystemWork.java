package labeler.work;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does work on files with threads of its own, since a call on a file system that does not answer may never return. The
 * asker gets the answer, or the name of that file system. Work on other file systems goes on. The work must use the
 * kernel from {@link #noting}, which shows where each piece of work is.
 */
public final class FileSystemWork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileSystemWork.class);

    private final ScopedValue<FileSystemTask> current = ScopedValue.newInstance();
    private final ScopedValue<Turn> turn = ScopedValue.newInstance();
    private final WaitLimits limits;
    private final MountTable places;
    private final Admission admission;
    private final ExecutorService threads;

    public FileSystemWork(FileSystems fileSystems, WaitLimits limits) {
        this(fileSystems, limits, Thread.ofPlatform().name("files-", 0).daemon().factory());
    }

    FileSystemWork(FileSystems fileSystems, WaitLimits limits, ThreadFactory factory) {
        this.threads = Executors.newCachedThreadPool(factory);
        this.limits = limits;
        this.places = new MountTable(fileSystems);
        this.admission = new Admission(limits, places);
    }

    /** The result of a piece of work. */
    public sealed interface Outcome<T> {
        /** The answer, or the function's value for a file system that gives none. */
        default T or(Function<WorkFileSystem, ? extends T> silent) {
            return switch (this) {
                case Done<T>(T value) -> value;
                case Late<T>(WorkFileSystem place) -> silent.apply(place);
                case NotBegun<T>(WorkFileSystem place) -> silent.apply(place);
            };
        }
    }

    public record Done<T>(T value) implements Outcome<T> {}

    /** A file system does not answer. The work goes on when it does, but nobody waits for it. */
    public record Late<T>(WorkFileSystem place) implements Outcome<T> {}

    /** A file system does not answer, and nothing was done. */
    public record NotBegun<T>(WorkFileSystem place) implements Outcome<T> {}

    /** The same kernel, with each call on a file noted in the work that makes it. */
    public Linux noting(Linux linux) {
        return new TrackedLinux(current, admission).of(linux);
    }

    /** The limits of waiting for other work. */
    public WaitLimits limits() {
        return limits;
    }

    /** Does this with a turn, which others have while it waits long for a file system, or for other work. */
    public <T> T with(Turn own, Supplier<T> asker) {
        return ScopedValue.where(turn, own).call(asker::get);
    }

    /** This thread's work is about to wait for other work, and gives up its turn and its room on file systems. */
    public void rest() {
        restTurn();
        current().ifPresent(admission::rest);
    }

    /** This thread's work goes on as soon as there is room for it. To be called without any lock. */
    public void resume() {
        resumeTurn();
        current().ifPresent(admission::resume);
    }

    /** Waits for something else than a file system, as long as it may take: others work meanwhile. */
    public <T> T resting(Supplier<T> wait) {
        rest();
        try {
            return wait.get();
        } finally {
            resume();
        }
    }

    private void restTurn() {
        if (turn.isBound()) {
            turn.get().rest();
        }
    }

    private void resumeTurn() {
        if (turn.isBound()) {
            turn.get().resume(limits.call());
        }
    }

    /** The work that this thread is doing. */
    public Optional<FileSystemTask> current() {
        return current.isBound() ? Optional.of(current.get()) : Optional.empty();
    }

    /**
     * Does this work. Its exceptions are thrown here. A thread that is already at work does it at once.
     *
     * @param paths files where the work begins; it may lead to others
     * @param unwanted gets the answer if it comes too late
     */
    public <T> Outcome<T> run(Collection<HostPath> paths, Function<FileSystemTask, T> work, Consumer<T> unwanted) {
        if (current.isBound()) {
            return new Done<>(work.apply(current.get()));
        }
        try {
            return waiting(paths, work, unwanted);
        } finally {
            resumeTurn();
        }
    }

    private <T> Outcome<T> waiting(Collection<HostPath> paths, Function<FileSystemTask, T> work, Consumer<T> unwanted) {
        FileSystemTask errand = new FileSystemTask(admission);
        Set<WorkFileSystem> wanted = new HashSet<>();
        paths.forEach(path -> wanted.add(places.of(path)));
        Optional<WorkFileSystem> obstacle = admission.enter(errand, wanted, this::restTurn);
        if (obstacle.isPresent()) {
            return new NotBegun<>(obstacle.get());
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        CountDownLatch ended = new CountDownLatch(1);
        begin(errand, () -> {
            try {
                perform(errand, work, answer, unwanted);
            } finally {
                admission.leave(errand);
                ended.countDown();
            }
        });
        return await(errand, answer, ended);
    }

    /** If no thread can be had, for want of memory perhaps, the errand does not keep its room. */
    private void begin(FileSystemTask errand, Runnable work) {
        boolean isBegun = false;
        try {
            threads.execute(() -> ScopedValue.where(current, errand).run(work));
            isBegun = true;
        } finally {
            if (!isBegun) {
                admission.leave(errand);
            }
        }
    }

    private static <T> void perform(
            FileSystemTask errand,
            Function<FileSystemTask, T> work,
            CompletableFuture<T> answer,
            Consumer<T> unwanted) {
        try {
            T value = work.apply(errand);
            if (errand.isWanted()) {
                answer.complete(value);
            } else {
                unwanted.accept(value);
            }
        } catch (RuntimeException | Error e) {
            if (errand.isWanted()) {
                answer.completeExceptionally(e);
            } else {
                LOG.error("after a file system has answered at last", e);
            }
        } finally {
            errand.doLast();
        }
    }

    private <T> Outcome<T> await(FileSystemTask errand, CompletableFuture<T> answer, CountDownLatch ended) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    T value = answer.get(limits.lookMillis(), TimeUnit.MILLISECONDS);
                    // The work usually closes its files at once. The short wait lets it do so before the asker goes on.
                    if (!ended.await(limits.lookMillis(), TimeUnit.MILLISECONDS)) {
                        restTurn();
                        boolean _ = ended.await(limits.slow().toMillis(), TimeUnit.MILLISECONDS);
                    }
                    return new Done<>(value);
                } catch (TimeoutException e) {
                    restTurn();
                    Optional<WorkFileSystem> hung = look(errand);
                    if (hung.isPresent() && errand.leave()) {
                        LOG.warn("{}", hung.get().doesNotAnswer());
                        return new Late<>(hung.get());
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
    }

    /** The file system on which it hangs. A slow one is noted. */
    private Optional<WorkFileSystem> look(FileSystemTask errand) {
        Optional<Spot> spot =
                errand.spot().filter(one -> one.ageNanos() >= limits.slow().toNanos());
        if (spot.isEmpty()) {
            return Optional.empty();
        }
        if (errand.heldUpBy().isEmpty()) {
            admission.slow(errand, spot.get(), place(spot.get()));
        }
        return errand.heldUpBy()
                .filter(_ -> spot.get().ageNanos() >= limits.call().toNanos());
    }

    private WorkFileSystem place(Spot spot) {
        return spot.mount().isPresent()
                ? spot.place(places)
                : new HangLocator(admission, places, spot.path()).find(limits.lookMillis());
    }

    /**
     * Does the work for each item: one after another on the same file system, at the same time on different ones. A thread
     * that is at work does all of it itself, and is an asker that stays.
     *
     * @param path path of an item
     * @param whenLate what becomes of the rest of a file system's items when it answers too late
     */
    public <I, T> Map<I, Outcome<T>> each(
            Collection<I> items, Function<I, HostPath> path, WhenLate whenLate, BiFunction<I, Asker, T> work) {
        Turns<I, T> turns = new Turns<>(path, whenLate, work);
        Collection<List<I>> groups = groups(items, path);
        if (!current.isBound() && groups.size() > 1) {
            together(groups, turns);
        } else {
            groups.forEach(group -> runGroup(group, turns));
        }
        return turns.outcomes();
    }

    /**
     * The same, always on threads of its own: a thread that is at work waits for others as anybody does, and is not late
     * itself if one of them is.
     */
    public <I, T> Map<I, Outcome<T>> apart(
            Collection<I> items, Function<I, HostPath> path, WhenLate whenLate, BiFunction<I, Asker, T> work) {
        if (items.isEmpty()) {
            return Map.of();
        }
        Turns<I, T> turns = new Turns<>(path, whenLate, work);
        rest();
        try {
            together(groups(items, path), turns);
            return turns.outcomes();
        } finally {
            resume();
        }
    }

    /** The work that is done for each item, and its result. */
    private record Turns<I, T>(
            Function<I, HostPath> path, WhenLate whenLate, BiFunction<I, Asker, T> work, Map<I, Outcome<T>> outcomes) {
        Turns(Function<I, HostPath> path, WhenLate whenLate, BiFunction<I, Asker, T> work) {
            this(path, whenLate, work, new ConcurrentHashMap<>());
        }

        /** Whether the next item has its turn. */
        boolean goesOn(Asker asker) {
            return switch (whenLate) {
                case END -> !asker.hasGone();
                case GO_ON -> true;
            };
        }
    }

    private <I> Collection<List<I>> groups(Collection<I> items, Function<I, HostPath> path) {
        Map<WorkFileSystem, List<I>> groups = new LinkedHashMap<>();
        items.forEach(item -> groups.computeIfAbsent(places.of(path.apply(item)), _ -> new ArrayList<>())
                .add(item));
        return groups.values();
    }

    private <I, T> void together(Collection<List<I>> groups, Turns<I, T> turns) {
        try {
            CompletableFuture<Void> all = CompletableFuture.allOf(groups.stream()
                    .map(group -> CompletableFuture.runAsync(() -> runGroup(group, turns), Thread::startVirtualThread))
                    .toArray(CompletableFuture[]::new));
            all.copy()
                    .completeOnTimeout(null, limits.lookMillis(), TimeUnit.MILLISECONDS)
                    .join();
            if (!all.isDone()) {
                restTurn();
            }
            all.join();
        } catch (CompletionException e) {
            throw rethrown(e.getCause());
        } finally {
            resumeTurn();
        }
    }

    private <I, T> void runGroup(List<I> group, Turns<I, T> turns) {
        if (current.isBound()) {
            group.forEach(item ->
                    turns.outcomes().put(item, new Done<>(turns.work().apply(item, () -> false))));
            return;
        }
        Outcome<Boolean> outcome = run(
                List.of(turns.path().apply(group.getFirst())),
                errand -> {
                    for (I item : group) {
                        if (!turns.goesOn(errand::isLate)) {
                            break;
                        }
                        T value = turns.work().apply(item, errand::isLate);
                        if (!errand.isLate()) {
                            turns.outcomes().put(item, new Done<>(value));
                        }
                    }
                    return true;
                },
                _ -> {});
        switch (outcome) {
            case Done<Boolean> _ -> {}
            case Late<Boolean>(WorkFileSystem place) ->
                group.forEach(item -> turns.outcomes().putIfAbsent(item, new Late<>(place)));
            case NotBegun<Boolean>(WorkFileSystem place) ->
                group.forEach(item -> turns.outcomes().put(item, new NotBegun<>(place)));
        }
    }

    /** Takes no more work. Hanging work is left alone. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
