package labeler.work;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One piece of work on files, with its state for the asker. */
public final class FileSystemTask {
    private enum State {
        OPEN,
        ANSWERED,
        LATE
    }

    private final Admission admission;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final Deque<Runnable> afterwards = new ArrayDeque<>();
    private final long began = System.nanoTime();

    /** File systems on which it counts as a worker; guarded by the admission. */
    final Set<WorkFileSystem> permits = new HashSet<>();

    /** File systems that it has given up while it waits for others; guarded by the admission. */
    final Set<WorkFileSystem> resting = new HashSet<>();

    private volatile @Nullable Spot spot;
    private volatile @Nullable WorkFileSystem heldUpBy;
    private volatile @Nullable WorkFileSystem refusedBy;

    FileSystemTask(Admission admission) {
        this.admission = admission;
    }

    /** A moment before any of its work, in the time of {@link System#nanoTime}. */
    public long began() {
        return began;
    }

    /**
     * Whether its asker still waits. If so, the asker waits to the end in any case. To be called before the last step
     * of work that must be undone otherwise.
     */
    public boolean isWanted() {
        return state.compareAndSet(State.OPEN, State.ANSWERED) || state.get() == State.ANSWERED;
    }

    /** Whether its asker has gone, with the name of the file system that does not answer. */
    public boolean isLate() {
        return state.get() == State.LATE;
    }

    /** Whether the asker may go. It may not after {@link #isWanted} has promised to wait. */
    boolean leave() {
        return state.compareAndSet(State.OPEN, State.LATE);
    }

    /** Adds a step for after the answer, since closing a file may also wait. To be called on this work's own thread. */
    public void afterwards(Runnable last) {
        afterwards.push(last);
    }

    void doLast() {
        while (!afterwards.isEmpty()) {
            afterwards.pop().run();
        }
    }

    /** The file system that blocks it now. */
    public Optional<WorkFileSystem> heldUpBy() {
        return Optional.ofNullable(heldUpBy);
    }

    /** The file system that it could not enter, because that does not answer. */
    public Optional<WorkFileSystem> refusedBy() {
        return Optional.ofNullable(refusedBy);
    }

    void refuse(WorkFileSystem place) {
        refusedBy = place;
    }

    Optional<Spot> spot() {
        return Optional.ofNullable(spot);
    }

    /** Called on this work's own thread, before a call. */
    void enter(Spot entered) {
        spot = entered;
    }

    /** Called on this work's own thread, after the call. */
    void left() {
        spot = null;
        if (heldUpBy != null) {
            admission.answered(this);
        }
    }

    /** Whether it is still in that call. The order matters: its own thread clears the spot, then reads this field. */
    boolean holdUp(Spot in, WorkFileSystem place) {
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
