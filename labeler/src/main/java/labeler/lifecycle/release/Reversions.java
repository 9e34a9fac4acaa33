package labeler.lifecycle.release;

import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import labeler.apply.Reverter;
import labeler.apply.SyncRound;
import labeler.journal.FileRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;
import labeler.work.WorkFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has labels given back on the threads of the file systems, without the lock, and reports for each file whether it was.
 * A file on a file system that does not answer is given back when it does. Nobody waits for it.
 */
public final class Reversions {
    private static final Logger LOG = LoggerFactory.getLogger(Reversions.class);

    private final Ledger ledger;
    private final Reverter reverter;
    private final FileSystemWork work;

    @Inject
    Reversions(Ledger ledger, Reverter reverter, FileSystemWork work) {
        this.ledger = ledger;
        this.reverter = reverter;
        this.work = work;
    }

    /**
     * Gives them back.
     *
     * @param files which the caller has marked ({@link Claims#revert}); each is unmarked when it is done
     * @return the result for each, by its number
     */
    public Map<Long, FileReport> revert(List<FileRecord> files) {
        return revert(() -> {}, files);
    }

    /**
     * The same after something else, such as a word to other hosts. If that throws, none goes back now, and each is
     * unmarked.
     */
    Map<Long, FileReport> revert(Runnable before, List<FileRecord> files) {
        return each(before, files, this::revert);
    }

    /**
     * The same for files that a running VM may have got again: none is written that is not free in that very moment.
     */
    public Map<Long, FileReport> revert(List<FileRecord> files, BiPredicate<FileRecord, OpenedFile> isFree) {
        return each(() -> {}, files, file -> revert(file, isFree));
    }

    private Map<Long, FileReport> each(
            Runnable before, List<FileRecord> files, Function<FileRecord, FileReport> revert) {
        Map<Long, FileReport> reports = new HashMap<>();
        boolean complete = false;
        try {
            before.run();
            work.each(files, FileRecord::realPath, WhenLate.GO_ON, (file, _) -> revert.apply(file))
                    .forEach((file, outcome) -> reports.put(file.id(), report(file, outcome)));
            complete = true;
            return reports;
        } finally {
            // After an unforeseen exception nobody may wait for work that nobody does.
            if (!complete) {
                files.forEach(this::unmark);
            }
        }
    }

    private FileReport report(FileRecord file, FileSystemWork.Outcome<FileReport> outcome) {
        return switch (outcome) {
            case FileSystemWork.Done<FileReport>(FileReport report) -> report;
            case FileSystemWork.Late<FileReport>(WorkFileSystem place) -> {
                late(file, place);
                yield hanging(file, place);
            }
            case FileSystemWork.NotBegun<FileReport>(WorkFileSystem place) -> {
                unmark(file);
                yield hanging(file, place);
            }
        };
    }

    /** The possible result of {@link #revert(List)}. */
    public Map<Long, FileReport> look(List<FileRecord> files) {
        Map<Long, FileReport> reports = new HashMap<>();
        work.each(files, FileRecord::realPath, WhenLate.END, (file, _) -> lookAt(file))
                .forEach((file, outcome) -> reports.put(file.id(), outcome.or(place -> hanging(file, place))));
        return reports;
    }

    /** The possible result for one file, found on this thread. */
    public FileReport lookAt(FileRecord file) {
        return report(file, reverter.look(file));
    }

    public static FileReport hanging(FileRecord file, WorkFileSystem place) {
        return new FileReport(
                file.path(),
                FileReport.Outcome.FAILED,
                place.doesNotAnswer() + "; it will be tried again when it does, or run labeler recover");
    }

    /** Gives one file back, on this thread. */
    public FileReport revert(FileRecord file) {
        Reverter.Settled done = marked(file, () -> new Reverter.Settled(reverter.revert(file), OptionalLong.empty()));
        return report(file, done.reversion());
    }

    private FileReport revert(FileRecord file, BiPredicate<FileRecord, OpenedFile> isFree) {
        Reverter.Settled done = marked(
                file,
                () -> new Reverter.Settled(
                        reverter.revert(file, found -> isFree.test(file, found)), OptionalLong.empty()));
        return report(file, done.reversion());
    }

    /** The same, in such a way that the round can make it certain. */
    public Reverter.Settled settle(FileRecord file, SyncRound round) {
        return marked(file, () -> reverter.settle(file, round));
    }

    private Reverter.Settled marked(FileRecord file, Supplier<Reverter.Settled> reversion) {
        boolean isGivenBack = false;
        try {
            Reverter.Settled settled = reversion.get();
            isGivenBack = settled.reversion() instanceof Reverter.Reverted
                    || settled.reversion() instanceof Reverter.ChangedByOthers;
            return settled;
        } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
            // It may have to do with this file, and the files of all other VMs wait behind it.
            LOG.error("while giving back {}", file.path(), e);
            return new Reverter.Settled(new Reverter.Failed("unforeseen: " + e), OptionalLong.empty());
        } finally {
            ledger.reverted(file, isGivenBack);
        }
    }

    private void late(FileRecord file, WorkFileSystem place) {
        ledger.lock().changing(() -> ledger.claims().late(file.id(), place));
    }

    public void unmark(FileRecord file) {
        ledger.reverted(file, false);
    }

    /** The result, in words. */
    public static FileReport report(FileRecord file, Reverter.Reversion reversion) {
        return switch (reversion) {
            case Reverter.Reverted() ->
                new FileReport(
                        file.path(),
                        FileReport.Outcome.REVERTED,
                        file.original()
                                .map(label -> "has its " + label + " again")
                                .orElse("has no label, as before"));
            case Reverter.ChangedByOthers(Optional<StoredLabel> found) ->
                new FileReport(
                        file.path(),
                        FileReport.Outcome.CHANGED_BY_OTHERS,
                        "somebody gave it " + found.map(StoredLabel::printable).orElse("no label")
                                + ", which stays; before us it had "
                                + file.original().map(StoredLabel::printable).orElse("none"));
            case Reverter.OnRecordAnew() ->
                new FileReport(
                        file.path(),
                        FileReport.Outcome.STILL_HELD,
                        "its file system came back on another device, and it is on record anew");
            case Reverter.HeldElsewhere(String message) ->
                new FileReport(file.path(), FileReport.Outcome.STILL_HELD, message);
            case Reverter.Gone(String detail) -> new FileReport(file.path(), FileReport.Outcome.MISSING, detail);
            case Reverter.NotFound(String detail) ->
                new FileReport(
                        file.path(),
                        FileReport.Outcome.LOST,
                        detail + "; it may carry its label still: bring it back, or run labeler recover --forget-lost");
            case Reverter.Failed(String message) ->
                new FileReport(
                        file.path(),
                        FileReport.Outcome.FAILED,
                        message + "; it will be tried again, or run labeler recover");
        };
    }
}
