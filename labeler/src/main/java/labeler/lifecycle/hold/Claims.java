package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import labeler.linux.FileIdentity;
import labeler.problem.Problem;
import labeler.vm.VmName;
import labeler.work.FileSystemTask;
import labeler.work.FileSystemWork;
import labeler.work.WorkFileSystem;

/**
 * Who is at work on what while the lock is free: one operation at a time on a VM, and one reversion on a file. Nobody
 * claims a file to label it. Once a VM is on record as its holder, nobody gives it back, and each VM that joins sets
 * the same label. So a start that hangs keeps nobody from the base that it shares. Guarded by the lock.
 */
public final class Claims {
    private final HostLock lock;
    private final FileSystemWork work;
    private final Map<VmName, Claim> vms = new HashMap<>();
    private final Map<Long, Optional<WorkFileSystem>> reverting = new HashMap<>();
    private final Set<Look> looks = new HashSet<>();

    @Inject
    Claims(HostLock lock, FileSystemWork work) {
        this.lock = lock;
        this.work = work;
    }

    /** The operation on a VM. */
    public enum Doing {
        STARTING("is being started"),
        CHANGING("is being looked at, or one of its disks is joining or leaving"),
        ENDING("is being stopped");

        private final String words;

        Doing(String words) {
            this.words = words;
        }
    }

    private record Claim(Doing doing, Optional<FileSystemTask> errand) {}

    /** Labels that are read before the lock is taken. If one is given back in the meantime, it has to be read again. */
    public static final class Look {
        private final Set<FileIdentity> files;
        private boolean stale;

        private Look(Set<FileIdentity> files) {
            this.files = Set.copyOf(files);
        }

        /** Also on another device, since its file system may have come back there. */
        private boolean isAt(FileIdentity reverted) {
            return files.stream().anyMatch(reverted::isSameFile);
        }

        public boolean isStale() {
            return stale;
        }
    }

    /** The time at which a thread that begins to wait for a claim now gives up. */
    public long deadline() {
        return System.nanoTime() + patience().toNanos();
    }

    private Duration patience() {
        return work.limits().call();
    }

    public boolean isTaken(VmName name) {
        return vms.containsKey(name);
    }

    /** Whether the VM, or its labels, will be gone soon. */
    public boolean isEnding(VmName name) {
        return Optional.ofNullable(vms.get(name))
                .filter(claim -> claim.doing() == Doing.ENDING)
                .isPresent();
    }

    /** Takes the VM for this thread's work. */
    public void take(VmName name, Doing doing) {
        vms.put(name, new Claim(doing, work.current()));
    }

    void release(VmName name) {
        vms.remove(name);
        lock.changed();
    }

    /** Reserves this thread's room on file systems again after a wait. Runs without the lock. */
    public void resume() {
        work.resume();
    }

    /** Waits for the condition. Other threads may need the room that this thread has on file systems. */
    public boolean await(BooleanSupplier isSo, long deadline) {
        if (isSo.getAsBoolean()) {
            return true;
        }
        work.rest();
        return lock.await(isSo, deadline);
    }

    /** Waits until nobody is at work on the VM, and takes it; otherwise says who is. */
    public Optional<Problem> await(VmName name, Doing doing) {
        if (await(() -> !isTaken(name), deadline())) {
            take(name, doing);
            return Optional.empty();
        }
        return Optional.of(problem(words(name)));
    }

    /** {@code VM web1 is being started, and the ext4 file system at /vm does not answer}. */
    public String words(VmName name) {
        Optional<Claim> claim = Optional.ofNullable(vms.get(name));
        String where = claim.flatMap(Claim::errand)
                .flatMap(FileSystemTask::heldUpBy)
                .map(place -> ", and " + place.doesNotAnswer())
                .orElse(" all the while");
        return "VM " + name + " " + claim.map(one -> one.doing().words).orElse("is busy") + where + "; try again";
    }

    public static Problem problem(String message) {
        return Problem.of(Problem.Kind.NOT_ANSWERING, message);
    }

    /** The problem for a file system that does not answer. */
    public static Problem problem(WorkFileSystem place) {
        return problem(place.doesNotAnswer() + "; see to it, and try again");
    }

    /** Does this without the lock while nobody else works on the VM; or says who does. */
    public <T> T having(VmName name, Doing doing, Supplier<T> action, Function<Problem, T> refused) {
        Optional<Problem> obstacle = lock.holding(() -> await(name, doing));
        if (obstacle.isPresent()) {
            return refused.apply(obstacle.get());
        }
        try {
            return action.get();
        } finally {
            free(name);
        }
    }

    /** From now on others may take the VM. Runs without the lock. */
    public void free(VmName name) {
        lock.lock();
        try {
            release(name);
        } finally {
            lock.unlock();
        }
    }

    public boolean isReverting(long file) {
        return reverting.containsKey(file);
    }

    /** Why a file that is being given back cannot be taken. */
    public String revertingWords(long file) {
        return "its label is still being given back"
                + Optional.ofNullable(reverting.get(file))
                        .flatMap(place -> place)
                        .map(place -> ", and " + place.doesNotAnswer())
                        .orElse("");
    }

    public void revert(Collection<Long> files) {
        files.forEach(file -> reverting.put(file, Optional.empty()));
    }

    /** The reversion goes on, and nobody knows for how long. */
    public void late(long file, WorkFileSystem place) {
        reverting.computeIfPresent(file, (_, _) -> Optional.of(place));
    }

    void reverted(long file, FileIdentity identity) {
        reverting.remove(file);
        looks.stream().filter(look -> look.isAt(identity)).forEach(look -> look.stale = true);
        lock.changed();
    }

    Look look(Set<FileIdentity> files) {
        Look look = new Look(files);
        looks.add(look);
        return look;
    }

    void close(Look look) {
        looks.remove(look);
    }
}
