package labeler.domain;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditLog;
import labeler.journal.VmRecord;
import labeler.lifecycle.StopOutcome;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.NotFollowed;
import labeler.lifecycle.stop.VmStop;
import labeler.problem.Problem;
import labeler.vm.VmName;

/**
 * The end of a domain of which libvirt's hook has not told. libvirt's silence is no proof by itself: its files may be away
 * while the domain runs. So the domain ends only if no process of it is to be seen, either.
 */
record DomainEnd(DomainReader domains, Emulators emulators, VmStop stop, NotFollowed problems, AuditLog audit) {
    @Inject
    DomainEnd {}

    /**
     * libvirt knows nothing of its running any more.
     *
     * @param isCurrent whether it is still the VM that was looked at
     */
    void gone(VmName name, BooleanSupplier isCurrent) {
        end(name, isCurrent, "libvirt keeps no state of it any more, and no process of it runs; so it has ended");
    }

    /** libvirt starts it, which it does not do with a domain that runs. */
    void startsAgain(VmName name) {
        end(name, () -> true, "libvirt starts it again, and no process of it runs; so it had ended");
    }

    /** Why a domain may run although libvirt has given it up; empty if it does not. */
    Optional<String> signOfLife(VmRecord vm) {
        return emulators.signOfLife(vm);
    }

    private void end(VmName name, BooleanSupplier isCurrent, String why) {
        stop.stop(name, Optional.of(domains.defined(name)), vm -> hindrance(vm, isCurrent))
                .ifPresent(outcome -> tell(name, outcome, isCurrent, why));
    }

    private void tell(VmName name, StopOutcome outcome, BooleanSupplier isCurrent, String why) {
        switch (outcome) {
            case StopOutcome.Stopped(VmReport report)
            when !report.problems().isEmpty() -> problems.put(name, report.problems());
            case StopOutcome.Stopped _ ->
                audit.add(AuditEntry.of(AuditEvent.LABELS_CHANGED, name).saying(why));
            case StopOutcome.NotStopped(Problem problem) -> {
                if (isCurrent.getAsBoolean()) {
                    problems.put(name, List.of(problem));
                }
            }
        }
    }

    /** Asked while nobody else is at work on the VM. */
    private Optional<Problem> hindrance(VmRecord vm, BooleanSupplier isCurrent) {
        if (!vm.startedBy().isLibvirt() || vm.phase() != VmRecord.Phase.RUNNING || !isCurrent.getAsBoolean()) {
            return Optional.of(Problem.of(Problem.Kind.IN_USE, "VM " + vm.name() + " is another one now"));
        }
        if (!(domains.state(vm.name()) instanceof DomainReader.Absent)) {
            return Optional.of(Problem.of(Problem.Kind.STILL_RUNNING, "libvirt keeps a state of VM " + vm.name()));
        }
        return emulators
                .signOfLife(vm)
                .map(sign -> Problem.of(
                        Problem.Kind.STILL_RUNNING,
                        "libvirt keeps no state of VM " + vm.name() + ", but " + sign
                                + "; it stays on record: end that process, or run labeler stop"));
    }
}
