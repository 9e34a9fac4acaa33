package labeler.lifecycle.start;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import labeler.fileset.FileSet;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.FileAcquisition;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.plan.PlanMaker;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.vm.qemu.handover.DescriptorSet;

/** One start, from the plan to the labels on disk: recorded with the lock held, and labelled under no lock. */
final class RecordAndLabel {
    private final Ledger ledger;
    private final FileAcquisition acquisition;
    private final Release release;

    /**
     * One start.
     *
     * @param acquisition of no other
     */
    RecordAndLabel(Ledger ledger, FileAcquisition acquisition, Release release) {
        this.ledger = ledger;
        this.acquisition = acquisition;
        this.release = release;
    }

    /** What came of recording it. */
    sealed interface Outcome {}

    /** The VM is on record, and in the hands of this thread. */
    record Recorded(VmRecord vm) implements Outcome {}

    /** Nothing is changed. */
    record NotRecorded(List<Problem> problems) implements Outcome {}

    /**
     * With the lock held.
     *
     * @param sets what is to be handed over
     */
    Outcome record(
            StartRequest request,
            FileSet files,
            PlanMaker.Prepared prepared,
            List<DescriptorSet> sets,
            Optional<ProcessIdentity> process,
            VmRecord.Confinement confinement) {
        List<Problem> problems = acquisition.collect(files, prepared.plan().files(), sets);
        if (!problems.isEmpty()) {
            return new NotRecorded(problems);
        }
        VmRecord vm = new VmRecord(
                request.name(),
                VmRecord.Phase.STARTING,
                prepared.contexts(),
                process,
                confinement,
                ledger.bootId(),
                acquisition.holds(),
                files.external());
        try {
            ledger.journal().recordStart(vm, acquisition.newFiles());
        } catch (JournalException e) {
            return new NotRecorded(List.of(failed(String.valueOf(e.getMessage()))));
        }
        acquisition.newFiles().forEach(ledger.holdings()::put);
        ledger.holdings().put(vm);
        ledger.claims().take(vm.name(), Claims.Doing.STARTING);
        return new Recorded(vm);
    }

    /**
     * Empty if the VM is labelled and runs; else why not, and everything is as before. The VM is free afterwards.
     *
     * @param before the labels, what else it needs; answers why that is not there
     */
    List<Problem> label(VmRecord vm, Supplier<List<Problem>> before) {
        List<Problem> problems = new ArrayList<>();
        boolean held = false;
        try {
            problems.addAll(before.get());
            if (problems.isEmpty()) {
                problems.addAll(acquisition.label(vm));
            }
            if (problems.isEmpty()) {
                problems.addAll(ledger.lock().holding(() -> finish(vm)));
            }
            held = problems.isEmpty();
            return problems;
        } finally {
            // Also where something throws that nobody foresaw: a VM that did not start may not stay half labelled.
            try {
                if (!held) {
                    takeBack(vm, problems);
                }
            } finally {
                ledger.claims().free(vm.name());
            }
        }
    }

    private List<Problem> finish(VmRecord vm) {
        try {
            ledger.journal().recordPhase(vm.name(), VmRecord.Phase.RUNNING);
            ledger.holdings().put(vm.with(VmRecord.Phase.RUNNING));
            return List.of();
        } catch (JournalException e) {
            return List.of(failed(String.valueOf(e.getMessage())));
        }
    }

    /** If the journal cannot take that in, the VM stays on record until a recovery finds it so. */
    private void takeBack(VmRecord vm, List<Problem> problems) {
        Release.Decision decision = ledger.lock().holding(() -> release.leave(vm));
        try {
            acquisition.takeBack(decision.leaving(), problems);
        } finally {
            ledger.lock().lock();
            try {
                release.end(vm, problems);
            } finally {
                ledger.lock().unlock();
            }
        }
    }

    private static Problem failed(String message) {
        return new Problem(Problem.Kind.JOURNAL_FAILED, Optional.empty(), message);
    }
}
