package labeler.work;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Decides which errands may work on which file system. A limited number works at a time. While a call there is slow, no
 * new errand may begin. After it has taken too long, no errand may go on until it returns.
 */
final class Admission {
    private final WaitLimits limits;
    private final MountTable places;
    private final Map<WorkFileSystem, Integer> inside = new HashMap<>();
    private final Map<WorkFileSystem, Map<FileSystemTask, Spot>> stuck = new HashMap<>();

    /** When an errand last made room on a file system, by the clock of {@link System#nanoTime}. */
    private final Map<WorkFileSystem, Long> roomMade = new HashMap<>();

    /** Whether any call is stuck. Read without the monitor, since nearly always none is. */
    private volatile boolean anyStuck;

    Admission(WaitLimits limits, MountTable places) {
        this.limits = limits;
        this.places = places;
    }

    /**
     * Lets the errand work on all these file systems, as soon as each has room. A file system on which others come to an end
     * answers, however many wait for it.
     *
     * @param whenLong called while that takes long, more than once
     * @return the file system that does not answer, or on which nobody has made room for too long; then the errand may use none
     */
    synchronized Optional<WorkFileSystem> enter(FileSystemTask errand, Set<WorkFileSystem> wanted, Runnable whenLong) {
        long began = System.nanoTime();
        while (true) {
            Optional<WorkFileSystem> hung = wanted.stream().filter(this::isHung).findFirst();
            if (hung.isPresent()) {
                return hung;
            }
            Optional<WorkFileSystem> full = wanted.stream()
                    .filter(place -> stuck.containsKey(place) || inside.getOrDefault(place, 0) >= limits.workers())
                    .findFirst();
            if (full.isEmpty()) {
                wanted.forEach(place -> inside.merge(place, 1, Integer::sum));
                errand.permits.addAll(wanted);
                return Optional.empty();
            }
            if (sinceRoom(full.get(), began) >= limits.call().toNanos()) {
                return full;
            }
            if (System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(limits.lookMillis())) {
                whenLong.run();
            }
            pause();
        }
    }

    /** Nanoseconds since somebody made room there, and no more than since then. */
    private long sinceRoom(WorkFileSystem place, long began) {
        long now = System.nanoTime();
        return Math.min(now - began, now - roomMade.getOrDefault(place, began));
    }

    synchronized void leave(FileSystemTask errand) {
        release(errand, Set.copyOf(errand.permits));
        notifyAll();
    }

    /** The errand waits for others, and gives up its room, which they may need. */
    synchronized void rest(FileSystemTask errand) {
        errand.resting.addAll(errand.permits);
        leave(errand);
    }

    /** The errand goes on. If a file system does not answer, its calls there will fail. */
    void resume(FileSystemTask errand) {
        Set<WorkFileSystem> wanted;
        synchronized (this) {
            wanted = Set.copyOf(errand.resting);
            errand.resting.clear();
        }
        if (!wanted.isEmpty()) {
            enter(errand, wanted, () -> {}).ifPresent(errand::refuse);
        }
    }

    private void release(FileSystemTask errand, Collection<WorkFileSystem> left) {
        for (WorkFileSystem place : left) {
            errand.permits.remove(place);
            inside.computeIfPresent(place, (_, count) -> count > 1 ? count - 1 : null);
            roomMade.put(place, System.nanoTime());
        }
    }

    private void releaseAllBut(FileSystemTask errand, WorkFileSystem kept) {
        release(
                errand,
                errand.permits.stream().filter(place -> !place.equals(kept)).toList());
    }

    /**
     * Checks a call beforehand. A link or an image's header may lead to a file system without {@link #enter}.
     *
     * @return the file system that must not be entered
     */
    Optional<WorkFileSystem> pass(FileSystemTask errand, Spot spot) {
        return anyStuck ? wait(errand, spot.place(places)) : Optional.empty();
    }

    private synchronized Optional<WorkFileSystem> wait(FileSystemTask errand, WorkFileSystem place) {
        while (stuck.containsKey(place)) {
            if (isHung(place)) {
                errand.refuse(place);
                return Optional.of(place);
            }
            // No other errand may wait for this one meanwhile.
            releaseAllBut(errand, place);
            notifyAll();
            pause();
        }
        return Optional.empty();
    }

    /** The errand's call is slow. It gives up its room on other file systems. */
    synchronized void slow(FileSystemTask errand, Spot spot, WorkFileSystem place) {
        if (!errand.holdUp(spot, place)) {
            return;
        }
        releaseAllBut(errand, place);
        stuck.computeIfAbsent(place, _ -> new HashMap<>()).put(errand, spot);
        anyStuck = true;
        notifyAll();
    }

    /** The call has returned after all. */
    synchronized void answered(FileSystemTask errand) {
        errand.heldUpBy().ifPresent(place -> {
            errand.goOn();
            stuck.computeIfPresent(place, (_, errands) -> {
                errands.remove(errand);
                return errands.isEmpty() ? null : errands;
            });
            if (!stuck.containsKey(place)) {
                places.forget(place);
            }
            anyStuck = !stuck.isEmpty();
            notifyAll();
        });
    }

    synchronized boolean isStuck(WorkFileSystem place) {
        return stuck.containsKey(place);
    }

    private boolean isHung(WorkFileSystem place) {
        return stuck.getOrDefault(place, Map.of()).values().stream()
                .anyMatch(spot -> spot.ageNanos() >= limits.call().toNanos());
    }

    /** Waits for a change. The wait is limited, since no event says that a slow call now counts as hung. */
    @SuppressWarnings("WaitNotInLoop") // each of its callers is a loop
    private void pause() {
        try {
            wait(limits.lookMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
