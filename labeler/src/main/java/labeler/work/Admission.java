package labeler.work;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who may work on which file system just now: so many at a time, nobody new while a call there is slow, and nobody at all
 * once one has taken too long, until it returns.
 */
final class Admission {
    private final Patience patience;
    private final Places places;
    private final Map<Place, Integer> inside = new HashMap<>();
    private final Map<Place, Map<Errand, Spot>> stuck = new HashMap<>();

    /** Read without the monitor: nearly always there is none, and then nobody has to look. */
    private volatile boolean anyStuck;

    Admission(Patience patience, Places places) {
        this.patience = patience;
        this.places = places;
    }

    /**
     * Lets the errand work on these file systems, all at once, as soon as each has room.
     *
     * @return the one that does not answer, or has no room in time; then it has no right to any
     */
    synchronized Optional<Place> enter(Errand errand, Set<Place> wanted) {
        long deadline = System.nanoTime() + patience.call().toNanos();
        while (true) {
            Optional<Place> hung = wanted.stream().filter(this::isHung).findFirst();
            if (hung.isPresent()) {
                return hung;
            }
            Optional<Place> full = wanted.stream()
                    .filter(place -> stuck.containsKey(place) || inside.getOrDefault(place, 0) >= patience.workers())
                    .findFirst();
            if (full.isEmpty()) {
                wanted.forEach(place -> inside.merge(place, 1, Integer::sum));
                errand.permits.addAll(wanted);
                return Optional.empty();
            }
            if (System.nanoTime() - deadline >= 0) {
                return full;
            }
            pause();
        }
    }

    synchronized void leave(Errand errand) {
        release(errand, Set.copyOf(errand.permits));
        notifyAll();
    }

    /** It waits for others, who may need the room that it has. */
    synchronized void rest(Errand errand) {
        errand.resting.addAll(errand.permits);
        leave(errand);
    }

    /** It goes on; where a file system does not answer, its calls there will say so. */
    void resume(Errand errand) {
        Set<Place> wanted;
        synchronized (this) {
            wanted = Set.copyOf(errand.resting);
            errand.resting.clear();
        }
        if (!wanted.isEmpty()) {
            enter(errand, wanted).ifPresent(errand::refuse);
        }
    }

    private void release(Errand errand, Collection<Place> left) {
        for (Place place : left) {
            errand.permits.remove(place);
            inside.computeIfPresent(place, (_, count) -> count > 1 ? count - 1 : null);
        }
    }

    private void releaseAllBut(Errand errand, Place kept) {
        release(
                errand,
                errand.permits.stream().filter(place -> !place.equals(kept)).toList());
    }

    /**
     * Before a call, for which nobody was asked beforehand: a link or an image's header leads where it likes.
     *
     * @return the file system that is not to be entered
     */
    Optional<Place> pass(Errand errand, Spot spot) {
        return anyStuck ? wait(errand, spot.place(places)) : Optional.empty();
    }

    private synchronized Optional<Place> wait(Errand errand, Place place) {
        while (stuck.containsKey(place)) {
            if (isHung(place)) {
                errand.refuse(place);
                return Optional.of(place);
            }
            // Nobody else may wait for it meanwhile.
            releaseAllBut(errand, place);
            notifyAll();
            pause();
        }
        return Optional.empty();
    }

    /** The errand's call takes long. What it has of other file systems others may have. */
    synchronized void slow(Errand errand, Spot spot, Place place) {
        if (!errand.holdUp(spot, place)) {
            return;
        }
        releaseAllBut(errand, place);
        stuck.computeIfAbsent(place, _ -> new HashMap<>()).put(errand, spot);
        anyStuck = true;
        notifyAll();
    }

    /** The call has returned after all. */
    synchronized void answered(Errand errand) {
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

    synchronized boolean isStuck(Place place) {
        return stuck.containsKey(place);
    }

    private boolean isHung(Place place) {
        return stuck.getOrDefault(place, Map.of()).values().stream()
                .anyMatch(spot -> spot.ageNanos() >= patience.call().toNanos());
    }

    /** Woken by whoever changes something; and a call that was slow becomes one that hangs by itself. */
    @SuppressWarnings("WaitNotInLoop") // each of its callers is a loop
    private void pause() {
        try {
            wait(patience.lookMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
