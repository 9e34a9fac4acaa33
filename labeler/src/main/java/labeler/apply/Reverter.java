package labeler.apply;

import java.util.Optional;
import labeler.journal.FileRecord;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.selinux.StoredLabel;

/** Gives files back what they had, each found again by its recorded name and checked to be the same file. */
public final class Reverter {
    private final SafeOpen open;
    private final Labels labels;

    public Reverter(SafeOpen open, Labels labels) {
        this.open = open;
        this.labels = labels;
    }

    /** What came of one file. */
    public sealed interface Reversion {}

    /** It has its original label, or none, as before us. */
    public record Reverted() implements Reversion {}

    /** Its label is neither ours nor the original: somebody else's, and it stays. */
    public record ChangedByOthers(Optional<StoredLabel> found) implements Reversion {}

    /** Its name leads to nothing, or to another file. */
    public record Missing(String detail) implements Reversion {}

    public record Failed(String message) implements Reversion {}

    /** What was found when looking for a recorded file. */
    public sealed interface Found {}

    /** The same file; the caller closes it. */
    public record Same(OpenedFile file) implements Found {}

    public record NotThere(String detail) implements Found {}

    public record Unreachable(String message) implements Found {}

    /** Looks for the file by its real path and, if that has changed, by the name that the VM used. */
    public Found find(FileRecord record) {
        Found found = find(record.realPath(), OpenRequest.RECORDED, record.identity());
        if (found instanceof NotThere) {
            Found byName = find(record.path(), OpenRequest.IMAGE, record.identity());
            return byName instanceof Same ? byName : found;
        }
        return found;
    }

    private Found find(HostPath path, OpenRequest request, FileIdentity identity) {
        OpenOutcome outcome = open.open(path, request);
        return switch (outcome) {
            case OpenRefusal refusal ->
                switch (refusal.reason()) {
                    case MISSING, WRONG_TYPE, LINK, CHANGED -> new NotThere(refusal.detail());
                    case UNREADABLE -> new Unreachable(refusal.detail());
                };
            case OpenedFile file -> {
                if (isSame(file.identity(), identity)) {
                    yield new Same(file);
                }
                file.close();
                yield new NotThere("another file has taken its place");
            }
        };
    }

    /** Device numbers are given anew at each boot; inode and birth time stay. */
    private static boolean isSame(FileIdentity now, FileIdentity recorded) {
        if (now.inode() != recorded.inode() || !now.birth().equals(recorded.birth())) {
            return false;
        }
        return now.device() == recorded.device() || now.birth().isPresent();
    }

    /** Gives the file back what it had, unless somebody else has changed its label. */
    public Reversion revert(FileRecord record) {
        return revert(record, false);
    }

    /** What {@link #revert} would come to. */
    public Reversion look(FileRecord record) {
        return revert(record, true);
    }

    private Reversion revert(FileRecord record, boolean dryRun) {
        return switch (find(record)) {
            case NotThere(String detail) -> new Missing(detail);
            case Unreachable(String message) -> new Failed(message);
            case Same(OpenedFile file) -> {
                try (file) {
                    yield revert(file, record, dryRun);
                } catch (LinuxException e) {
                    yield new Failed(String.valueOf(e.getMessage()));
                }
            }
        };
    }

    private Reversion revert(OpenedFile file, FileRecord record, boolean dryRun) throws LinuxException {
        Optional<StoredLabel> found = labels.get(file);
        if (found.equals(record.original())) {
            return new Reverted();
        }
        if (found.isPresent() && record.isOurs(found.get())) {
            if (!dryRun) {
                labels.put(file, record.original());
            }
            return new Reverted();
        }
        return new ChangedByOthers(found);
    }
}
