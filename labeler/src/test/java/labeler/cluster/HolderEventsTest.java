package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditFile;
import labeler.journal.FileRecord;
import labeler.linux.FileHandle;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.plan.Sharing;
import labeler.registry.HostName;
import labeler.registry.SharedFile;
import labeler.registry.StorageName;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class HolderEventsTest {
    private static final HostName BETA = new HostName("beta");
    private static final HostName GAMMA = new HostName("gamma");
    private static final SharedFile BASE = new SharedFile(new StorageName("pool"), new FileHandle(1, new byte[] {1}));
    private static final VmName WEB = new VmName("web");
    private static final VmName MAIL = new VmName("mail");

    private final List<AuditEntry> told = new ArrayList<>();

    private static FileRecord record(Sharing sharing) {
        return new FileRecord(
                7,
                new FileIdentity(1, 1, Optional.empty()),
                OptionalLong.empty(),
                HostPath.of("/pool/base"),
                HostPath.of("/pool/base"),
                Optional.empty(),
                "boot",
                Optional.empty(),
                Optional.empty(),
                Set.of(),
                sharing,
                Optional.empty());
    }

    private void tell(Set<VmName> here, Set<HostName> before, Set<HostName> now) {
        tell(here, Map.of(BASE, before), Map.of(BASE, now));
    }

    private void tell(Set<VmName> here, Map<SharedFile, Set<HostName>> before, Map<SharedFile, Set<HostName>> now) {
        new HolderEvents(_ -> here, told::add).tell(before, now, Map.of(BASE, record(Sharing.CONTENT)));
    }

    @Test
    void hosts_that_join_and_leave_are_told_apart() {
        tell(Set.of(WEB), Set.of(BETA), Set.of(GAMMA));

        assertThat(told)
                .extracting(AuditEntry::event, AuditEntry::vm, AuditEntry::hosts)
                .containsExactlyInAnyOrder(
                        tuple(AuditEvent.HELD_ELSEWHERE, Optional.of(WEB), List.of(GAMMA)),
                        tuple(AuditEvent.LEFT_ELSEWHERE, Optional.of(WEB), List.of(BETA)));
    }

    @Test
    void nothing_is_told_of_what_did_not_change() {
        tell(Set.of(WEB), Set.of(BETA), Set.of(BETA));

        assertThat(told).isEmpty();
    }

    @Test
    void what_this_host_took_or_left_itself_is_not_told() {
        tell(Set.of(WEB), Map.of(), Map.of(BASE, Set.of(BETA)));
        tell(Set.of(WEB), Map.of(BASE, Set.of(BETA)), Map.of());
        tell(Set.of(), Set.of(BETA), Set.of());

        assertThat(told).isEmpty();
    }

    @Test
    void a_file_that_many_hold_here_is_one_event() {
        tell(Set.of(WEB, MAIL), Set.of(), Set.of(BETA, GAMMA));

        assertThat(told).singleElement().satisfies(entry -> {
            assertThat(entry.vm()).isEmpty();
            assertThat(entry.hosts()).containsExactly(BETA, GAMMA);
            assertThat(entry.files())
                    .containsExactly(
                            new AuditFile(HostPath.of("/pool/base"), UseAccess.READ_ONLY, "held here by mail, web"));
        });
    }
}
