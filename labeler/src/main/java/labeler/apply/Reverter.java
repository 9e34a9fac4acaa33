package labeler.apply;

import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import labeler.journal.FileRecord;
import labeler.linux.FileIdentity;
import labeler.linux.FileSystems;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.selinux.StoredLabel;

/**
 * Gives files back what they had, each found again and checked to be the same file. Nothing is opened for that, so that a
 * lease on a file does not keep its label.
 */
public final class Reverter {
    private final SafeOpen open;
    private final FileSystems fileSystems;
    private final RecordedFiles files;
    private final Labels labels;
    private final Recorded recorded;
    private final String bootId;
    private final Set<Long> failedSyncs = ConcurrentHashMap.newKeySet();

    /** Which files the journal has. */
    @FunctionalInterface
    public interface Recorded {
        /** Whether a record of another number is of this very file. May be asked by any thread. */
        boolean isOnRecord(FileIdentity identity, long otherThan);
    }

    /** @param bootId of this boot: what device numbers of earlier ones were is not known any more */
    public Reverter(Linux linux, Labels labels, Recorded recorded, String bootId) {
        this.recorded = recorded;
        this.open = linux.open();
        this.fileSystems = linux.fileSystems();
        this.files = new RecordedFiles(linux, bootId);
        this.labels = labels;
        this.bootId = bootId;
    }

    /** What came of one file. */
    public sealed interface Reversion {}

    /** It has its original label, or none, as before us. */
    public record Reverted() implements Reversion {}

    /** Its label is neither ours nor the original: somebody else's, and it stays. */
    public record ChangedByOthers(Optional<StoredLabel> found) implements Reversion {}

    /** Its file system came back on another device, and a later record speaks for it. */
    public record OnRecordAnew() implements Reversion {}

    /** What was found when looking for a recorded file. */
    public sealed interface Found {}

    /** The same file, found only, for its attributes; the caller closes it. */
    public record Same(OpenedFile file) implements Found {}

    /** Its file system says that it is no more, and its label with it. */
    public record Gone(String detail) implements Found, Reversion {}

    /**
     * Its names lead to nothing or to another file, and nobody can say whether it is under a third one, with our label.
     */
    public record NotFound(String detail) implements Found, Reversion {}

    /** Something stands in the way of looking, or of giving it back. */
    public record Failed(String message) implements Found, Reversion {}

    /** Looks for the file by its real path, by the name that the VM used, and by its handle. */
    public Found find(FileRecord record) {
        return files.find(record);
    }

    /** Gives the file back what it had, unless somebody else has changed its label. */
    public Reversion revert(FileRecord record) {
        return revert(find(record), record, Mode.WRITE);
    }

    /** What {@link #revert} would come to. */
    public Reversion look(FileRecord record) {
        return revert(find(record), record, Mode.LOOK);
    }

    /** Opens what has to be open before files are settled; the caller closes it. */
    public SyncRound beginRound() {
        return new SyncRound(open, fileSystems, failedSyncs);
    }

    /**
     * What came of a file that nobody holds any more.
     *
     * @param device that makes this certain once {@link SyncRound#write} has written it; empty where none does
     */
    public record Settled(Reversion reversion, OptionalLong device) {}

    /** As {@link #revert}, in such a way that it can be made certain by the end of the round. */
    public Settled settle(FileRecord record, SyncRound round) {
        Found found = find(record);
        OptionalLong device = switch (found) {
            case Same(OpenedFile file) -> round.cover(file);
            case Gone _ -> round.cover(record);
            case NotFound _, Failed _ -> OptionalLong.empty();
        };
        boolean doubtful = device.isPresent() && round.isDoubtful(device.getAsLong());
        Reversion reversion = revert(found, record, doubtful ? Mode.WRITE_ANEW : Mode.WRITE);
        return new Settled(reversion, reversion instanceof Failed ? OptionalLong.empty() : device);
    }

    private enum Mode {
        LOOK,
        WRITE,
        /** Also what seems to be there: only what has changed is written to the disk. */
        WRITE_ANEW
    }

    private Reversion revert(Found found, FileRecord record, Mode mode) {
        return switch (found) {
            case Gone gone -> gone;
            case NotFound notFound -> notFound;
            case Failed failed -> failed;
            case Same(OpenedFile file) -> {
                try (file) {
                    yield revert(file, record, mode);
                } catch (LinuxException e) {
                    yield new Failed(String.valueOf(e.getMessage()));
                }
            }
        };
    }

    private Reversion revert(OpenedFile file, FileRecord record, Mode mode) throws LinuxException {
        if (recorded.isOnRecord(file.identity(), record.id())) {
            return new OnRecordAnew();
        }
        Optional<StoredLabel> found = labels.get(file);
        Set<StoredLabel> ours = record.ours(bootId);
        if (found.equals(record.original())) {
            if (mode == Mode.WRITE_ANEW) {
                writeAnew(file, record);
            }
            return new Reverted();
        }
        if (found.isPresent() && ours.contains(found.get())) {
            if (mode != Mode.LOOK) {
                labels.put(file, record.original());
            }
            return new Reverted();
        }
        return new ChangedByOthers(found);
    }

    /** The kernel writes what has changed, and an equal value has not. */
    private void writeAnew(OpenedFile file, FileRecord record) throws LinuxException {
        Optional<StoredLabel> another = record.everApplied().stream()
                .filter(label -> !Optional.of(label).equals(record.original()))
                // One with a pair is known to be ours whatever comes in between.
                .max(Comparator.comparing(label -> label.level().isPresent()));
        if (another.isPresent()) {
            labels.put(file, another);
            labels.put(file, record.original());
        }
    }
}
