package labeler.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.fileset.FileSet;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.vm.qemu.DescriptorSet;

/**
 * One start, from the plan to the labels on disk: create what is missing, record, label, look again. Its caller has the
 * lock.
 */
final class Start {
    private final Holdings holdings;
    private final Journal journal;
    private final Taking taking;
    private final String bootId;

    /**
     * One start.
     *
     * @param taking of no other
     */
    Start(Holdings holdings, Journal journal, Taking taking, String bootId) {
        this.holdings = holdings;
        this.journal = journal;
        this.taking = taking;
        this.bootId = bootId;
    }

    /**
     * Empty if the VM is held and labelled; else why not, and everything is as before.
     *
     * @param sets what is to be handed over
     */
    List<Problem> run(
            StartRequest request,
            FileSet files,
            Preparation.Prepared prepared,
            List<DescriptorSet> sets,
            Optional<ProcessIdentity> process,
            VmRecord.Confinement confinement) {
        List<Problem> problems =
                taking.collect(request.owner(), files, prepared.plan().files(), sets);
        if (!problems.isEmpty()) {
            taking.removeCreated(problems);
            taking.closeCreated();
            return problems;
        }
        VmRecord vm = new VmRecord(
                request.name(),
                VmRecord.Phase.STARTING,
                prepared.contexts(),
                process,
                confinement,
                bootId,
                taking.holds(),
                files.external());
        try {
            return recordAndLabel(vm);
        } finally {
            taking.closeCreated();
        }
    }

    private List<Problem> recordAndLabel(VmRecord vm) {
        List<Problem> problems = new ArrayList<>();
        try {
            journal.recordStart(vm, taking.newFiles());
        } catch (JournalException e) {
            problems.add(new Problem(Problem.Kind.JOURNAL_FAILED, Optional.empty(), String.valueOf(e.getMessage())));
            taking.removeCreated(problems);
            return problems;
        }
        taking.newFiles().forEach(holdings::put);
        holdings.put(vm);
        boolean held = false;
        try {
            problems.addAll(label(vm));
            held = problems.isEmpty();
            return problems;
        } finally {
            // Also where something throws that nobody foresaw: a VM that did not start may not stay half labelled.
            if (!held) {
                takeBack(vm, problems);
            }
        }
    }

    private List<Problem> label(VmRecord vm) {
        List<Problem> problems = taking.label(vm);
        return problems.isEmpty() ? finish(vm) : problems;
    }

    private void takeBack(VmRecord vm, List<Problem> problems) {
        try {
            taking.takeBack(problems);
        } finally {
            abandon(vm, problems);
        }
    }

    private List<Problem> finish(VmRecord vm) {
        try {
            journal.recordPhase(vm.name(), VmRecord.Phase.RUNNING);
            holdings.put(vm.with(VmRecord.Phase.RUNNING));
            return List.of();
        } catch (JournalException e) {
            return List.of(new Problem(Problem.Kind.JOURNAL_FAILED, Optional.empty(), String.valueOf(e.getMessage())));
        }
    }

    /** The labels are back; if the journal cannot take that in, the VM stays on record until a recovery finds it so. */
    private void abandon(VmRecord vm, List<Problem> problems) {
        try {
            journal.recordEnd(vm.name(), holdings.givenBack(vm.files()));
            holdings.remove(vm.name());
        } catch (JournalException e) {
            problems.add(new Problem(
                    Problem.Kind.JOURNAL_FAILED, Optional.empty(), e.getMessage() + "; then run labeler recover"));
        }
    }
}
