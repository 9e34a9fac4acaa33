package labeler.denial;

import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.explain.AuditRecords;
import labeler.explain.Denial;
import labeler.explain.Explainer;
import labeler.explain.Explanation;
import labeler.explain.Reading;
import labeler.guard.record.AuditDenial;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditLog;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmView;

/** Has denials of VMs that are held told in the audit log, each with its explanation. For one thread. */
final class DenialTeller {
    private final VmLifecycle lifecycle;
    private final Explainer explainer;
    private final AuditLog audit;
    private final Budget budget = new Budget(Instant.now());

    @Inject
    DenialTeller(VmLifecycle lifecycle, Explainer explainer, AuditLog audit) {
        this.lifecycle = lifecycle;
        this.explainer = explainer;
        this.audit = audit;
    }

    /** Tells of denials in records of the kernel's. */
    void tell(List<String> lines, Instant now) {
        Map<Denial, Long> counts = new LinkedHashMap<>();
        AuditRecords.read(lines.stream()).denials().forEach(denial -> counts.merge(denial, 1L, Long::sum));
        if (!counts.isEmpty()) {
            List<VmView> vms = lifecycle.status();
            Map<Denial, Long> chosen = new LinkedHashMap<>();
            counts.forEach((denial, count) -> vm(denial, vms).ifPresent(vm -> {
                long told = budget.take(vm.vm(), denial, count, now);
                if (told > 0) {
                    chosen.put(denial, told);
                }
            }));
            explainer
                    .each(new ArrayList<>(chosen.keySet()))
                    .forEach((denial, explanation) -> tell(explanation, chosen.getOrDefault(denial, 1L)));
        }
        tellOfUntold(now);
    }

    /** Tells the numbers of those that were too many. */
    void tellOfUntold(Instant now) {
        budget.untold(now)
                .forEach(
                        (vm, number) -> audit.add(
                                AuditEntry.of(AuditEvent.DENIED, vm)
                                        .saying(
                                                number
                                                        + " more denials are not told one by one; labeler explain --since explains the newest of them")));
    }

    /** When {@link #tellOfUntold} has something to tell; empty for never. */
    Optional<Instant> next(Instant now) {
        return budget.next(now);
    }

    /** The kernel had more records than were read. */
    void tellOfMissed() {
        audit.add(AuditEntry.of(AuditEvent.DENIED)
                .saying("the kernel had more records than were read, and denials may be missing here;"
                        + " labeler explain --since reads this host's log of them"));
    }

    /** The VM whose process was denied something. Its number, which it has now, counts at its level alone. */
    private static Optional<VmView> vm(Denial denial, List<VmView> vms) {
        return vms.stream()
                .filter(vm -> denial.isOfQemuOf(vm)
                        || (denial.isAtLevelOf(vm)
                                && vm.pid().isPresent()
                                && vm.pid().equals(denial.pid())))
                .findFirst();
    }

    /** qemu does without what is harmless, and tries it at each start. */
    private void tell(Explanation explanation, long count) {
        explanation
                .vm()
                .filter(_ ->
                        explanation.reading().filter(Reading.HARMLESS::equals).isEmpty())
                .ifPresent(vm -> audit.add(AuditEntry.of(AuditEvent.DENIED, vm)
                        .denied(new AuditDenial(
                                explanation.reading().map(Reading::word).orElse(""),
                                explanation.file(),
                                count,
                                explanation.advice()))
                        .saying(String.join(" ", explanation.sentences()))));
    }
}
