package labeler.lifecycle.start;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.release.Release;
import labeler.problem.Problem;

/**
 * One start, on record from the plan to the labels.
 *
 * @param vm with the files that it takes
 */
record StartRecord(
        Ledger ledger,
        Release release,
        LaunchFiles launchFiles,
        StartRequest request,
        Function<List<FileHold>, VmRecord> vm)
        implements FileAcquisition.Taker {
    @Override
    public VmRecord record(List<FileHold> holds, List<FileRecord> newFiles) throws JournalException {
        VmRecord starting = vm.apply(holds);
        ledger.journal().recordStart(starting, newFiles);
        return starting;
    }

    @Override
    public Optional<Problem> prepare(VmRecord starting) {
        return launchFiles.make(request, starting.contexts());
    }

    @Override
    public void discard(VmRecord starting) {
        launchFiles.remove(starting.name());
    }

    @Override
    public void finish(VmRecord starting) throws JournalException {
        ledger.journal().recordPhase(starting.name(), VmRecord.Phase.RUNNING);
        ledger.holdings().put(starting.with(VmRecord.Phase.RUNNING));
    }

    @Override
    public Release.Decision leave(VmRecord starting) {
        return release.leave(starting);
    }

    @Override
    public void end(VmRecord starting, List<Problem> problems) {
        release.end(starting, problems);
    }
}
