package labeler.lifecycle.stop;

import jakarta.inject.Inject;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import labeler.journal.VmRecord;
import labeler.lifecycle.StopOutcome;
import labeler.lifecycle.StopRequest;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.VmProcesses;
import labeler.problem.Problem;
import labeler.review.ReviewThreads;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.work.FileSystemWork;

/** Ends a VM that somebody stops. Those that nobody will stop are ended by {@link Recovery}. */
public final class VmStop {
    private final Ledger ledger;
    private final VmProcesses processes;
    private final VmEnd end;
    private final ReviewThreads reviews;
    private final LibvirtCleanup leaving;
    private final FileSystemWork work;

    @Inject
    VmStop(
            Ledger ledger,
            VmProcesses processes,
            VmEnd end,
            ReviewThreads reviews,
            LibvirtCleanup leaving,
            FileSystemWork work) {
        this.ledger = ledger;
        this.processes = processes;
        this.end = end;
        this.reviews = reviews;
        this.leaving = leaving;
        this.work = work;
    }

    /**
     * Gives a VM's labels back, and reports the headers of its images afterwards; empty if there is no such VM.
     *
     * @param last the domain as libvirt describes it at its release
     */
    public Optional<VmReport> stop(VmName name, Optional<VmDefinition> last) {
        return stop(name, last, _ -> Optional.empty()).map(outcome -> switch (outcome) {
            case StopOutcome.Stopped(VmReport report) -> report;
            case StopOutcome.NotStopped(Problem problem) -> VmReport.of(name, problem);
        });
    }

    /** The same for a domain that libvirt has ended, or has not started. A VM that it has never had stays. */
    public Optional<StopOutcome> release(VmName name, VmDefinition last) {
        return stop(
                name,
                Optional.of(last),
                vm -> vm.startedBy().isLibvirt()
                        ? Optional.empty()
                        : Optional.of(
                                Problem.of(Problem.Kind.IN_USE, "it is not libvirt that has started VM " + vm.name())));
    }

    /** The same, unless the VM's process runs and the request has another wish for that. */
    public Optional<StopOutcome> stop(StopRequest request) {
        return stop(request.name(), Optional.empty(), vm -> switch (request.running()) {
            case GIVE_BACK -> Optional.empty();
            case REFUSE -> processes.isAlive(vm) ? Optional.of(VmProcesses.runs(vm)) : Optional.empty();
            case END_IT -> work.resting(() -> processes.end(vm, request.uid()));
        });
    }

    /**
     * The same, unless there is a hindrance.
     *
     * @param hindrance with the VM's claim: why it is not to be stopped now
     */
    public Optional<StopOutcome> stop(
            VmName name, Optional<VmDefinition> last, Function<VmRecord, Optional<Problem>> hindrance) {
        if (ledger.holdings().vm(name).isEmpty()) {
            return Optional.empty();
        }
        Supplier<Optional<StopOutcome>> answer = ledger.claims()
                .having(
                        name,
                        Claims.Doing.ENDING,
                        () -> stopped(name, last, hindrance),
                        obstacle -> () -> Optional.of(new StopOutcome.Stopped(VmReport.of(name, obstacle))));
        return answer.get();
    }

    /** Runs with the VM's claim. The answer does not: headers are read again when others may have the files. */
    private Supplier<Optional<StopOutcome>> stopped(
            VmName name, Optional<VmDefinition> last, Function<VmRecord, Optional<Problem>> hindrance) {
        Optional<VmRecord> found = ledger.holdings().vm(name);
        Optional<Problem> hindered = found.flatMap(hindrance);
        if (hindered.isPresent()) {
            return () -> Optional.of(new StopOutcome.NotStopped(hindered.get()));
        }
        Optional<StoppedVm> stopped = found.map(vm -> {
            LibvirtCleanup.Left left = leaving.lookAfter(vm, last);
            return end.stopForReview(vm).joinedBy(left);
        });
        return () -> stopped.map(vm -> new StopOutcome.Stopped(vm.report().with(reviews.finish(vm.due(), last))));
    }
}
