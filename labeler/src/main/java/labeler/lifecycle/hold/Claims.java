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

    /** One operation's claim on a VM. Nobody else can end it: another claim on the same VM is not equal to it. */
    public static final class Claim {
        private final VmName name;
        private final Doing doing;
        private final Optional<FileSystemTask> errand;

        private Claim(VmName name, Doing doing, Optional<FileSystemTask> errand) {
            this.name = name;
            this.doing = doing;
            this.errand = errand;
        }

        public VmName name() {
            return name;
        }
    }

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
                .filter(claim -> claim.doing == Doing.ENDING)
                .isPresent();
    }

    /** Takes the VM, on which nobody is at work, for this thread's work. */
    public Claim take(VmName name, Doing doing) {
        Claim claim = new Claim(name, doing, work.current());
        if (vms.putIfAbsent(name, claim) != null) {
            throw new IllegalStateException(words(name));
        }
        return claim;
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

    /** Waits until nobody is at work on the VM, and takes it. */
    private Optional<Claim> await(VmName name, Doing doing) {
        return await(() -> !isTaken(name), deadline()) ? Optional.of(take(name, doing)) : Optional.empty();
    }

    /** {@code VM web1 is being started, and the ext4 file system at /vm does not answer}. */
    public String words(VmName name) {
        Optional<Claim> claim = Optional.ofNullable(vms.get(name));
        String where = claim.flatMap(one -> one.errand)
                .flatMap(FileSystemTask::heldUpBy)
                .map(place -> ", and " + place.doesNotAnswer())
                .orElse(" all the while");
        return "VM " + name + " " + claim.map(one -> one.doing.words).orElse("is busy") + where + "; try again";
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
        Optional<Claim> claim = lock.holding(() -> await(name, doing));
        if (claim.isEmpty()) {
            return refused.apply(problem(lock.holding(() -> words(name))));
        }
        try {
            return action.get();
        } finally {
            free(claim.get());
        }
    }

    /** From now on others may take its VM. Runs without the lock. */
    public void free(Claim claim) {
        lock.changing(() -> {
            vms.remove(claim.name, claim);
            lock.changed();
        });
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
