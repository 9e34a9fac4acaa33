package labeler.apply;

import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import labeler.journal.FileRecord;
import labeler.linux.FileIdentity;
import labeler.linux.FileSystems;
import labeler.linux.FileType;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;
import labeler.tree.Trees;

/**
 * Gives files their earlier labels back. Each is found again and checked to be the same file. Nothing is opened for
 * that, so a lease on a file does not prevent it.
 */
public final class Reverter {
    private final SafeOpen open;
    private final FileSystems fileSystems;
    private final RecordedFiles files;
    private final Labels labels;
    private final Trees trees;
    private final Recorded recorded;
    private final String bootId;
    private final Gate gate;
    private final Set<Long> failedSyncs = ConcurrentHashMap.newKeySet();

    /** The files on record in the journal. */
    @FunctionalInterface
    public interface Recorded {
        /** Whether a record of another number belongs to this very file. Any thread may ask. */
        boolean isOnRecord(FileIdentity identity, long otherThan);
    }

    /** Whether other hosts let a label go back. It is asked each time before one does. */
    @FunctionalInterface
    public interface Gate {
        Passage ask(FileRecord record, OpenedFile file);

        /** Why a label with this level, which is not the last that we gave the file, may be another host's; empty if not. */
        default Optional<String> mayNeed(OpenedFile file, Level level) {
            return Optional.empty();
        }
    }

    /** The answer of the gate. */
    public sealed interface Passage {}

    /**
     * The label goes back.
     *
     * @param record what it goes back to, and which labels are ours
     * @param agreed those of which all hosts know that they are this one's to take back, a fenced host's among them
     */
    public record Free(FileRecord record, Set<StoredLabel> agreed) implements Passage {
        public Free {
            agreed = Set.copyOf(agreed);
        }

        /** Nobody else knows of the file. */
        public Free(FileRecord record) {
            this(record, Set.of());
        }
    }

    /** Other hosts hold the file, and the last of them gives it back. This host has nothing to do with it any more. */
    public record HeldElsewhere(String message) implements Passage, Reversion {}

    /**
     * Not now.
     *
     * @param kind the problem that this is for a start that takes its labels back
     */
    public record NotNow(Problem.Kind kind, String message) implements Passage {
        public NotNow(String message) {
            this(Problem.Kind.LABEL_NOT_SET, message);
        }
    }

    /** @param bootId of this boot: the device numbers of earlier boots have no known meaning any more */
    public Reverter(Linux linux, Labels labels, Trees trees, Recorded recorded, String bootId, Gate gate) {
        this.gate = gate;
        this.trees = trees;
        this.recorded = recorded;
        this.open = linux.open();
        this.fileSystems = linux.fileSystems();
        this.files = new RecordedFiles(linux, bootId);
        this.labels = labels;
        this.bootId = bootId;
    }

    /** The result for one file. */
    public sealed interface Reversion {}

    /** The file has its original label, or none, as before the service set one. */
    public record Reverted() implements Reversion {}

    /** Its label is neither ours nor the original. Somebody else set it, so it stays. */
    public record ChangedByOthers(Optional<StoredLabel> found) implements Reversion {}

    /** Its file system came back on another device, and a later record describes the file. */
    public record OnRecordAnew() implements Reversion {}

    /** The result of a search for a recorded file. */
    public sealed interface Found {}

    /** The same file, only found, not opened: for its attributes. The caller closes it. */
    public record Same(OpenedFile file) implements Found {}

    /** Its file system says that the file, and so its label, no longer exists. */
    public record Gone(String detail) implements Found, Reversion {}

    /** Its names lead to nothing or to another file. The file may still exist under a third name, with our label. */
    public record NotFound(String detail) implements Found, Reversion {}

    /** Something prevents the search or the reversion. */
    public record Failed(String message) implements Found, Reversion {}

    /** Looks for the file by its real path, by the name that the VM used, and by its handle. */
    public Found find(FileRecord record) {
        return files.find(record);
    }

    /** Gives the file its earlier label back, unless somebody else has changed the label. */
    public Reversion revert(FileRecord record) {
        return revert(find(record), record, Mode.WRITE);
    }

    /**
     * The same, if the file is still free when it has been found: a file system may take long to find it.
     *
     * @param isFree called once, just before the label is written
     */
    public Reversion revert(FileRecord record, Predicate<OpenedFile> isFree) {
        return switch (find(record)) {
            case Gone gone -> gone;
            case NotFound notFound -> notFound;
            case Failed failed -> failed;
            case Same(OpenedFile file) -> {
                try (file) {
                    yield isFree.test(file) ? reverted(file, record, Mode.WRITE) : new Failed("it may be in use");
                }
            }
        };
    }

    /** The possible result of {@link #revert(FileRecord)}. */
    public Reversion look(FileRecord record) {
        return revert(find(record), record, Mode.LOOK);
    }

    /**
     * Replaces the table of a tree's labels if it is missing or damaged: then all of it gets back what its root had.
     *
     * @return whether that was necessary
     */
    public boolean replaceLostTable(FileRecord record) throws IOException {
        if (find(record) instanceof Same(OpenedFile file)) {
            try (file) {
                return file.status().type() == FileType.DIRECTORY
                        && trees.replaceLost(file, record.id(), record.everApplied());
            }
        }
        return false;
    }

    /** Opens files that have to be open before others are settled; the caller closes the round. */
    public SyncRound beginRound() {
        return new SyncRound(open, fileSystems, failedSyncs);
    }

    /**
     * The result for a file that nobody holds any more.
     *
     * @param device that makes this certain once {@link SyncRound#write} has written it; empty if there is none
     */
    public record Settled(Reversion reversion, OptionalLong device) {}

    /** Does the same as {@link #revert}, in such a way that the round can make it certain at its end. */
    public Settled settle(FileRecord record, SyncRound round) {
        return switch (find(record)) {
            case Same(OpenedFile file) -> {
                try (file) {
                    OptionalLong device = round.cover(file);
                    boolean doubtful = device.isPresent() && round.isDoubtful(device.getAsLong());
                    Reversion reversion = reverted(file, record, doubtful ? Mode.WRITE_ANEW : Mode.SETTLE);
                    yield new Settled(reversion, reversion instanceof Failed ? OptionalLong.empty() : device);
                }
            }
            case Gone gone -> new Settled(gone, round.cover(record));
            case NotFound notFound -> new Settled(notFound, OptionalLong.empty());
            case Failed failed -> new Settled(failed, OptionalLong.empty());
        };
    }

    private enum Mode {
        LOOK,
        WRITE,
        /** Goes over a tree only if it was not given back in this boot. */
        SETTLE,
        /** Also writes a label that seems to be there: only changes are written to the disk. */
        WRITE_ANEW
    }

    private Reversion revert(Found found, FileRecord record, Mode mode) {
        return switch (found) {
            case Gone gone -> gone;
            case NotFound notFound -> notFound;
            case Failed failed -> failed;
            case Same(OpenedFile file) -> {
                try (file) {
                    yield reverted(file, record, mode);
                }
            }
        };
    }

    private Reversion reverted(OpenedFile file, FileRecord record, Mode mode) {
        try {
            return mode == Mode.LOOK ? revert(file, new Free(record), mode) : passing(file, record, mode);
        } catch (IOException e) {
            return new Failed(String.valueOf(e.getMessage()));
        }
    }

    private Reversion passing(OpenedFile file, FileRecord record, Mode mode) throws IOException {
        return switch (gate.ask(record, file)) {
            case Free known -> revert(file, known, mode);
            case HeldElsewhere elsewhere -> elsewhere;
            case NotNow(Problem.Kind _, String message) -> new Failed(message);
        };
    }

    private Reversion revert(OpenedFile file, Free known, Mode mode) throws IOException {
        FileRecord record = known.record();
        if (recorded.isOnRecord(file.identity(), record.id())) {
            return new OnRecordAnew();
        }
        if (file.status().type() == FileType.DIRECTORY) {
            giveBackTree(file, record, mode);
        }
        Optional<StoredLabel> found = labels.get(file);
        Set<StoredLabel> ours = record.ours(bootId);
        if (found.equals(record.original())) {
            if (mode == Mode.WRITE_ANEW) {
                writeAnew(file, record);
            }
            return new Reverted();
        }
        if (found.isPresent() && found.get().isFor(ours)) {
            Optional<String> need = mode == Mode.LOOK ? Optional.empty() : need(file, known, found.get());
            if (need.isPresent()) {
                return new Failed("keeps " + found.get() + ": " + need.get());
            }
            if (mode != Mode.LOOK) {
                labels.put(file, record.original());
            }
            return new Reverted();
        }
        return new ChangedByOthers(found);
    }

    /** The VM's manager may have set the label on another host to which the VM has moved, and nobody told of that file. */
    private Optional<String> need(OpenedFile file, Free known, StoredLabel found) {
        return known.record().applied().equals(Optional.of(found))
                        || known.agreed().contains(found)
                ? Optional.empty()
                : found.level().flatMap(level -> gate.mayNeed(file, level));
    }

    /** The root goes last. Whatever it has by now, files in it may still have a label of ours. */
    private void giveBackTree(OpenedFile root, FileRecord record, Mode mode) throws IOException {
        boolean isAgain = record.givenBackIn().equals(Optional.of(bootId));
        boolean isWalked = switch (mode) {
            case LOOK -> false;
            case SETTLE -> !isAgain;
            case WRITE, WRITE_ANEW -> true;
        };
        if (isWalked) {
            trees.giveBack(root, new Trees.Return(record.id(), record.original(), isAgain, mode == Mode.WRITE_ANEW));
        }
    }

    /** The kernel writes changes only, and an equal value is no change. */
    private void writeAnew(OpenedFile file, FileRecord record) throws LinuxException {
        Optional<StoredLabel> another = record.everApplied().stream()
                .filter(label -> !Optional.of(label).equals(record.original()))
                // A label with a pair is certainly ours, whatever happens in between.
                .max(Comparator.comparing(label -> label.level().isPresent()));
        if (another.isPresent()) {
            labels.put(file, another);
            labels.put(file, record.original());
        }
    }
}
