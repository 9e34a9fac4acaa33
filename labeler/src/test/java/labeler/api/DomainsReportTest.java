package labeler.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileView;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.selinux.SecurityContext;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** What an administrator reads about all domains at once: which of them cannot run together. */
class DomainsReportTest {
    private static final SecurityContext OWN = Samples.IMAGE;
    private static final SecurityContext FOR_ALL = new SecurityContext("system_u", "object_r", "virt_content_t", "s0");

    private static FileView file(String path, Treatment treatment, SecurityContext label, UseAccess access) {
        return new FileView(
                HostPath.of(path),
                treatment,
                Optional.of(label).filter(_ -> treatment == Treatment.LABEL),
                Optional.empty(),
                "",
                List.of(new FileUse(new Origin("disk"), FileRole.DISK, access)),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of());
    }

    private static VmView vm(String name, FileView... files) {
        VmView bare = Samples.bareVm();
        return new VmView(
                new VmName(name),
                VmState.PLANNED,
                Optional.empty(),
                bare.level(),
                bare.processContext(),
                bare.imageContext(),
                Set.of(),
                Optional.empty(),
                GuardState.OFF,
                Optional.empty(),
                List.of(files),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static List<DomainsReport.Conflict> conflicts(VmView... vms) {
        DomainsReport.Builder report = new DomainsReport.Builder();
        List.of(vms).forEach(report::planned);
        return report.build().conflicts();
    }

    @Test
    void a_disk_that_two_domains_write_is_a_conflict() {
        assertThat(conflicts(
                        vm("a", file("/vm/x", Treatment.LABEL, OWN, UseAccess.READ_WRITE)),
                        vm("b", file("/vm/x", Treatment.LABEL, OWN, UseAccess.READ_WRITE)),
                        vm("c", file("/vm/x", Treatment.LABEL, FOR_ALL, UseAccess.READ_ONLY)),
                        vm("d", file("/vm/y", Treatment.LABEL, OWN, UseAccess.READ_WRITE))))
                .containsExactly(new DomainsReport.Conflict(
                        HostPath.of("/vm/x"), List.of(new VmName("a"), new VmName("b")), List.of(new VmName("c"))));
    }

    @Test
    void so_is_a_disk_that_is_handed_over() {
        assertThat(conflicts(
                        vm("a", file("/nfs/x", Treatment.PASS, OWN, UseAccess.READ_WRITE)),
                        vm("b", file("/nfs/x", Treatment.PASS, OWN, UseAccess.READ_ONLY))))
                .hasSize(1);
    }

    @Test
    void files_that_are_for_all_are_none() {
        assertThat(conflicts(
                        vm("a", file("/vm/base", Treatment.LABEL, FOR_ALL, UseAccess.READ_ONLY)),
                        vm("b", file("/vm/base", Treatment.LABEL, FOR_ALL, UseAccess.READ_ONLY))))
                .isEmpty();
        assertThat(conflicts(
                        vm("a", file("/vm/shared", Treatment.LABEL, FOR_ALL, UseAccess.READ_WRITE)),
                        vm("b", file("/vm/shared", Treatment.LABEL, FOR_ALL, UseAccess.READ_WRITE))))
                .isEmpty();
        assertThat(conflicts(
                        vm("a", file("/dev/kvm", Treatment.LEAVE, OWN, UseAccess.READ_WRITE)),
                        vm("b", file("/dev/kvm", Treatment.LEAVE, OWN, UseAccess.READ_WRITE))))
                .isEmpty();
    }
}
