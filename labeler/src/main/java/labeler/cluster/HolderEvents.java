package labeler.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditFile;
import labeler.guard.record.AuditLog;
import labeler.journal.FileRecord;
import labeler.plan.Sharing;
import labeler.registry.HostName;
import labeler.registry.SharedFile;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/**
 * Tells in the audit log that another host joins a file that a VM holds here, or leaves it.
 *
 * @param holders the VMs of this host that hold the file of a record
 */
record HolderEvents(LongFunction<Set<VmName>> holders, AuditLog audit) {
    /**
     * Compares two answers. A file that is in one of them only was taken, or left, by this host itself.
     *
     * @param records those of files that VMs hold here
     */
    void tell(
            Map<SharedFile, Set<HostName>> before,
            Map<SharedFile, Set<HostName>> now,
            Map<SharedFile, FileRecord> records) {
        now.forEach((file, hosts) -> {
            Optional<FileRecord> record = Optional.ofNullable(records.get(file));
            Optional<Set<HostName>> earlier = Optional.ofNullable(before.get(file));
            if (record.isPresent() && earlier.isPresent()) {
                tell(AuditEvent.HELD_ELSEWHERE, record.get(), without(hosts, earlier.get()));
                tell(AuditEvent.LEFT_ELSEWHERE, record.get(), without(earlier.get(), hosts));
            }
        });
    }

    private static List<HostName> without(Set<HostName> hosts, Set<HostName> others) {
        Set<HostName> left = new HashSet<>(hosts);
        left.removeAll(others);
        return left.stream().sorted().toList();
    }

    /** One event a file, also where a hundred VMs hold it here: the log has to keep the decisions as well. */
    private void tell(AuditEvent event, FileRecord record, List<HostName> hosts) {
        List<VmName> vms = new ArrayList<>(holders.apply(record.id()));
        if (hosts.isEmpty() || vms.isEmpty()) {
            return;
        }
        AuditEntry entry = vms.size() == 1 ? AuditEntry.of(event, vms.getFirst()) : AuditEntry.of(event);
        boolean isReading = record.sharing() == Sharing.CONTENT;
        audit.add(entry.files(List.of(new AuditFile(
                        record.path(),
                        isReading ? UseAccess.READ_ONLY : UseAccess.READ_WRITE,
                        "held here by "
                                + vms.stream().map(VmName::value).sorted().collect(Collectors.joining(", ")))))
                .hosts(hosts));
    }
}
