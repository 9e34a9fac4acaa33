package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import labeler.journal.VmRecord;
import labeler.lifecycle.MatrixOutcome;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** Answers questions about held VMs. See {@link VmLifecycle}. */
public final class HeldVms {
    private final Ledger ledger;
    private final VmViews views;
    private final VmProcesses processes;
    private final LabelVerification verification;
    private final AccessMatrixQuery matrix;

    @Inject
    HeldVms(
            Ledger ledger,
            VmViews views,
            VmProcesses processes,
            LabelVerification verification,
            AccessMatrixQuery matrix) {
        this.ledger = ledger;
        this.views = views;
        this.processes = processes;
        this.verification = verification;
        this.matrix = matrix;
    }

    public boolean has(VmName name) {
        return ledger.holdings().vm(name).isPresent();
    }

    public Optional<VmView> status(VmName name) {
        return ledger.holdings().vm(name).map(views::of);
    }

    public List<VmName> names() {
        return ledger.holdings().vms().stream().map(VmRecord::name).toList();
    }

    public VmLifecycle.Held held() {
        List<VmRecord> vms = ledger.holdings().vms();
        return new VmLifecycle.Held(
                vms.size(), vms.stream().mapToInt(vm -> vm.files().size()).sum());
    }

    public MatrixOutcome matrix(Optional<VmName> name) {
        return matrix.of(name);
    }

    public MatrixOutcome ownMatrix(VmName name) {
        return matrix.own(name);
    }

    public Optional<VmReport> relabel(VmName name, boolean dryRun) {
        return inspected(name, vm -> verification.relabel(vm, dryRun));
    }

    public Optional<VmReport> verify(VmName name) {
        return inspected(name, verification::verify);
    }

    private Optional<VmReport> inspected(VmName name, Function<VmRecord, VmReport> look) {
        if (!has(name)) {
            return Optional.empty();
        }
        return ledger.claims()
                .having(
                        name,
                        Claims.Doing.CHANGING,
                        () -> ledger.holdings()
                                .vm(name)
                                .map(vm -> processes.isStopped(vm) ? stopped(vm) : look.apply(vm)),
                        problem -> Optional.of(VmReport.of(name, problem)));
    }

    private static VmReport stopped(VmRecord vm) {
        return VmReport.of(vm.name(), VmProcesses.stillRuns(Problem.Kind.STILL_RUNNING, vm));
    }
}
