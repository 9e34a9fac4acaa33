package labeler.work;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One piece of work on files, with what its asker has to know while it goes on. */
public final class Errand {
    private enum State {
        OPEN,
        ANSWERED,
        LATE
    }

    private final Admission admission;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final Deque<Runnable> afterwards = new ArrayDeque<>();

    /** File systems on which it counts as one of the workers; guarded by the admission. */
    final Set<Place> permits = new HashSet<>();

    /** Those that it has given up while it waits for others; guarded by the admission. */
    final Set<Place> resting = new HashSet<>();

    private volatile @Nullable Spot spot;
    private volatile @Nullable Place heldUpBy;
    private volatile @Nullable Place refusedBy;

    Errand(Admission admission) {
        this.admission = admission;
    }

    /**
     * Whether its asker still waits: then it waits to the end, whatever comes. Asked before the last step of what must be
     * undone otherwise.
     */
    public boolean isWanted() {
        return state.compareAndSet(State.OPEN, State.ANSWERED) || state.get() == State.ANSWERED;
    }

    /** Whether its asker has gone, and was told which file system does not answer. */
    public boolean isLate() {
        return state.get() == State.LATE;
    }

    /** Whether the asker may go: not if it has been promised an answer. */
    boolean leave() {
        return state.compareAndSet(State.OPEN, State.LATE);
    }

    /** On this work's own thread: done once the asker has its answer, since closing a file may wait, too. */
    public void afterwards(Runnable last) {
        afterwards.push(last);
    }

    void doLast() {
        while (!afterwards.isEmpty()) {
            afterwards.pop().run();
        }
    }

    /** The file system that keeps it from going on just now. */
    public Optional<Place> heldUpBy() {
        return Optional.ofNullable(heldUpBy);
    }

    /** The file system that it was kept from entering, since that does not answer. */
    public Optional<Place> refusedBy() {
        return Optional.ofNullable(refusedBy);
    }

    void refuse(Place place) {
        refusedBy = place;
    }

    Optional<Spot> spot() {
        return Optional.ofNullable(spot);
    }

    /** On this work's own thread, before a call. */
    void enter(Spot entered) {
        spot = entered;
    }

    /** On this work's own thread, after it. */
    void left() {
        spot = null;
        if (heldUpBy != null) {
            admission.answered(this);
        }
    }

    /** Whether it is in that very call still. In this order: its own thread clears the spot before it looks here. */
    boolean holdUp(Spot in, Place place) {
        heldUpBy = place;
        if (!in.equals(spot)) {
            heldUpBy = null;
            return false;
        }
        return true;
    }

    void goOn() {
        heldUpBy = null;
    }
}
