package labeler.review;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditLog;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what VMs have written into headers: in the service's log, and as events. */
record HeaderNews(AuditLog audit) {
    private static final Logger LOG = LoggerFactory.getLogger(HeaderNews.class);

    /** One event an image: a hostile guest can write hundreds of references into one header. */
    void tell(VmName vm, List<Problem> problems) {
        problems.forEach(problem -> warn(vm, problem));
        Map<HostPath, List<Problem>> images = new LinkedHashMap<>();
        problems.forEach(problem -> problem.file()
                .ifPresent(image ->
                        images.computeIfAbsent(image, _ -> new ArrayList<>()).add(problem)));
        images.forEach((image, all) -> audit.add(AuditEntry.of(AuditEvent.HEADER_CHANGED, vm)
                .saying(all.getFirst().kind() + ": " + image.printable() + ": "
                        + all.getFirst().message() + (all.size() > 1 ? " (and " + (all.size() - 1) + " more)" : ""))));
    }

    private static void warn(VmName vm, Problem problem) {
        LOG.warn(
                "VM {}: {}: {}: {}",
                vm,
                problem.kind(),
                problem.file().map(HostPath::printable).orElse("-"),
                problem.message());
    }
}
