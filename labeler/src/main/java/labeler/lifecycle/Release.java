package labeler.lifecycle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.Reverter;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;

/** Ends a VM's hold on its files. One failure never stops the rest. Its caller has the lock. */
final class Release {
    private final Holdings holdings;
    private final Journal journal;
    private final Reverter reverter;

    Release(Holdings holdings, Journal journal, Reverter reverter) {
        this.holdings = holdings;
        this.journal = journal;
        this.reverter = reverter;
    }

    /** Gives the labels back and ends the hold. */
    VmReport release(VmRecord vm) {
        List<Problem> problems = new ArrayList<>();
        List<FileReport> reports = giveBack(vm, problems);
        try {
            journal.recordEnd(vm.name(), holdings.givenBack(vm.files()));
            holdings.remove(vm.name());
        } catch (JournalException e) {
            problems.add(journalFailed(e));
        }
        return new VmReport(vm.name(), reports, problems, Optional.empty());
    }

    /** Gives the labels back, and keeps the hold for as long as the VM's process lives. */
    VmReport giveBack(VmRecord vm) {
        List<Problem> problems = new ArrayList<>();
        List<FileReport> reports = giveBack(vm, problems);
        return new VmReport(vm.name(), reports, problems, vm.process().map(ProcessIdentity::pid));
    }

    private List<FileReport> giveBack(VmRecord vm, List<Problem> problems) {
        try {
            journal.recordPhase(vm.name(), VmRecord.Phase.STOPPING);
        } catch (JournalException e) {
            // The labels go back all the same: whoever finds the VM still on record will find them reverted.
            problems.add(journalFailed(e));
        }
        holdings.put(vm.with(VmRecord.Phase.STOPPING));
        return reports(vm.files(), Set.of(), false);
    }

    /** What a release would do. */
    VmReport look(VmRecord vm) {
        return new VmReport(vm.name(), reports(vm.files(), Set.of(), true), List.of(), Optional.empty());
    }

    /**
     * Gives back what joined with a disk, where nothing else of the VM has it, and ends those holds. With the labels of a VM
     * that was stopped nothing more is to be done.
     */
    VmReport leave(VmRecord vm, DiskRecord disk) {
        List<Problem> problems = new ArrayList<>();
        VmRecord rest = vm.without(disk);
        List<FileHold> leaving =
                vm.files().stream().filter(hold -> hold.isOf(disk)).toList();
        List<FileReport> reports = reports(leaving, Holdings.fileIds(rest.files()), false);
        try {
            journal.recordLeave(vm.name(), disk, holdings.givenBack(leaving));
            holdings.put(rest);
        } catch (JournalException e) {
            problems.add(new Problem(
                    Problem.Kind.JOURNAL_FAILED, Optional.empty(), e.getMessage() + "; then detach the disk again"));
        }
        return new VmReport(vm.name(), reports, problems, Optional.empty());
    }

    /** @param kept files that the VM goes on using */
    private List<FileReport> reports(List<FileHold> holds, Set<Long> kept, boolean dryRun) {
        List<FileReport> reports = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        for (FileHold hold : holds) {
            OptionalLong id = hold.file();
            if (id.isEmpty() || !seen.add(id.getAsLong())) {
                continue;
            }
            Optional<FileRecord> file = holdings.file(id.getAsLong()).filter(FileRecord::isLabelled);
            if (file.isEmpty()) {
                // It was handed over, so that there is nothing to give back.
                continue;
            }
            if (kept.contains(id.getAsLong())) {
                reports.add(
                        new FileReport(hold.path(), FileReport.Outcome.STILL_HELD, "the VM itself goes on using it"));
            } else if (holdings.holders(id.getAsLong()).size() > 1) {
                reports.add(new FileReport(
                        hold.path(), FileReport.Outcome.STILL_HELD, "other VMs hold it; the last one gives it back"));
            } else {
                reports.add(revert(file.get(), dryRun));
            }
        }
        return reports;
    }

    /** Gives one file back, or says what that would come to. */
    FileReport revert(FileRecord file, boolean dryRun) {
        return report(file, dryRun ? reverter.look(file) : reverter.revert(file), dryRun);
    }

    /** Says what came of one file, and remembers it. */
    FileReport report(FileRecord file, Reverter.Reversion reversion, boolean dryRun) {
        if (!dryRun && (reversion instanceof Reverter.Reverted || reversion instanceof Reverter.ChangedByOthers)) {
            holdings.giveBack(file.id());
        }
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
            case Reverter.Deleted(String detail) -> new FileReport(file.path(), FileReport.Outcome.MISSING, detail);
            case Reverter.Lost(String detail) ->
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

    private static Problem journalFailed(JournalException e) {
        return new Problem(
                Problem.Kind.JOURNAL_FAILED, Optional.empty(), e.getMessage() + "; then run labeler recover");
    }
}
