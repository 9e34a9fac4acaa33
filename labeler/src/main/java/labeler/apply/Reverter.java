package labeler.apply;

import java.util.Optional;
import labeler.journal.FileRecord;
import labeler.linux.FileHandles;
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
    private final FileHandles handles;
    private final Labels labels;
    private final String bootId;

    /** @param bootId of this boot: what device numbers of earlier ones were is not known any more */
    public Reverter(SafeOpen open, FileHandles handles, Labels labels, String bootId) {
        this.open = open;
        this.handles = handles;
        this.labels = labels;
        this.bootId = bootId;
    }

    /** What came of one file. */
    public sealed interface Reversion {}

    /** It has its original label, or none, as before us. */
    public record Reverted() implements Reversion {}

    /** Its label is neither ours nor the original: somebody else's, and it stays. */
    public record ChangedByOthers(Optional<StoredLabel> found) implements Reversion {}

    /** It is deleted, and its label with it. */
    public record Deleted(String detail) implements Reversion {}

    /** It is not where it was, and may carry our label under another name. */
    public record Lost(String detail) implements Reversion {}

    public record Failed(String message) implements Reversion {}

    /** What was found when looking for a recorded file. */
    public sealed interface Found {}

    /** The same file; the caller closes it. */
    public record Same(OpenedFile file) implements Found {}

    /** Its file system says that it is no more. */
    public record Gone(String detail) implements Found {}

    /** Its names lead to nothing or to another file, and nobody can say whether it is under a third one. */
    public record NotFound(String detail) implements Found {}

    /** Something stands in the way of looking. */
    public record Unreachable(String message) implements Found {}

    /** Looks for the file by its real path, by the name that the VM used, and by its handle. */
    public Found find(FileRecord record) {
        Found found = find(record.realPath(), OpenRequest.RECORDED, record.identity());
        if (!(found instanceof NotFound(String detail))) {
            return found;
        }
        if (find(record.path(), OpenRequest.IMAGE, record.identity()) instanceof Same byName) {
            return byName;
        }
        if (record.handle().isEmpty()) {
            return new NotFound(detail + "; whether it was deleted or renamed cannot be told on its file system");
        }
        return switch (handles.find(record.handle().get(), record.identity(), record.realPath())) {
            case FileHandles.Present(OpenedFile file) -> new Same(file);
            case FileHandles.Deleted() ->
                record.bootId().equals(bootId)
                        ? new Gone(detail + "; it is deleted")
                        : new NotFound(
                                detail + "; whether it is deleted, or its file system is not mounted where it was"
                                        + " before the reboot, cannot be told");
            case FileHandles.Unknown(String reason) -> new NotFound(detail + "; " + reason);
            case FileHandles.Failed(String message) -> new Unreachable(detail + "; " + message);
        };
    }

    /**
     * Something open on the file system that the file is, or was, on: itself or the nearest directory above that is still
     * there. Empty if that file system is not there now. The caller closes it.
     */
    public Optional<OpenedFile> onSameFileSystem(FileRecord record) {
        if (find(record) instanceof Same(OpenedFile file)) {
            return Optional.of(file);
        }
        HostPath directory = record.realPath();
        OpenOutcome outcome;
        do {
            directory = directory.parent();
            outcome = open.open(directory, OpenRequest.DIRECTORY);
        } while (outcome instanceof OpenRefusal && !directory.equals(directory.parent()));
        if (outcome instanceof OpenedFile opened) {
            if (opened.identity().device() == record.identity().device()) {
                return Optional.of(opened);
            }
            opened.close();
        }
        return Optional.empty();
    }

    private Found find(HostPath path, OpenRequest request, FileIdentity identity) {
        OpenOutcome outcome = open.open(path, request);
        return switch (outcome) {
            case OpenRefusal refusal ->
                switch (refusal.reason()) {
                    case MISSING, WRONG_TYPE, LINK, CHANGED -> new NotFound(refusal.detail());
                    case UNREADABLE -> new Unreachable(refusal.detail());
                };
            case OpenedFile file -> {
                if (file.identity().isSameFile(identity)) {
                    yield new Same(file);
                }
                file.close();
                yield new NotFound("another file has taken its place");
            }
        };
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
            case Gone(String detail) -> new Deleted(detail);
            case NotFound(String detail) -> new Lost(detail);
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
        if (found.isPresent() && record.ours(bootId).contains(found.get())) {
            if (!dryRun) {
                labels.put(file, record.original());
            }
            return new Reverted();
        }
        return new ChangedByOthers(found);
    }
}
