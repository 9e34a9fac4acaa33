package labeler.survey.look;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.policy.Programs;
import labeler.selinux.CategoryPair;
import labeler.survey.Flaw;
import labeler.survey.FlawKind;
import labeler.survey.HeldFile;
import labeler.survey.HeldVm;
import labeler.survey.Severity;
import labeler.survey.Survey;
import labeler.survey.SurveyRequest;
import labeler.survey.VmIdentity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A VM on labeler's record, of which it knows no process, and processes that call themselves by its name. libvirt's system
 * daemon has one of that name, so may a user's own, and any program may call itself so.
 */
class SameNameTest extends MadeUpHost {
    private static final String[] IDLE = {"qemu-system-x86_64", "-name", "web1"};
    private static final String[] WITH_DISK = {
        "qemu-system-x86_64", "-name", "web1", "-drive", "if=none,format=raw,file=disk"
    };

    SameNameTest(@TempDir Path directory) {
        super(directory);
    }

    /** virsh, of a host with one domain. */
    private record OneDomain(String name, String disk) implements Programs {
        @Override
        public Ended run(List<String> command, Consumer<Duration> waiting) {
            return new Ended(
                    0,
                    command.contains("list")
                            ? name + "\n"
                            : "<domain type='kvm'><name>" + name + "</name><devices><disk type='file' device='disk'>"
                                    + "<driver name='qemu' type='raw'/><source file='" + disk
                                    + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>",
                    "");
        }

        @Override
        public boolean isInstalled(String program) {
            return true;
        }
    }

    @BeforeEach
    void aVmOnRecordWithoutAProcess() {
        kernel.file("/vm/disk", new byte[4096]);
        HeldFile disk = new HeldFile(
                HostPath.of("/vm/disk"),
                kernel.status("/vm/disk").orElseThrow().identity().withoutBirth(),
                true,
                true,
                false,
                true);
        held(disk);
    }

    private void held(HeldFile... files) {
        request = new SurveyRequest(
                List.of(),
                Optional.of(List.of(
                        new HeldVm("web1", Optional.empty(), CategoryPair.of(1, 2), "selinux", List.of(files)))),
                "");
    }

    private void assertThatItIsProcess(int pid) {
        Survey survey = survey();
        assertThat(kinds(survey)).doesNotContain(FlawKind.SHARED_IMAGE);
        assertThat(survey.looked().defined()).as("VMs without a process").isZero();
        assertThat(survey.findings())
                .filteredOn(flaw -> flaw.kind() != FlawKind.NO_WALL)
                .flatExtracting(Flaw::vms)
                .extracting(VmIdentity::pid)
                .allMatch(Optional.of(new Pid(pid))::equals);
    }

    @Test
    void a_domain_is_the_process_that_libvirt_has_started() throws IOException {
        virsh = Optional.of(new OneDomain("web1", "/vm/disk"));
        kernel.directory("/run");
        kernel.directory("/run/libvirt");
        kernel.directory("/run/libvirt/qemu");
        kernel.file("/run/libvirt/qemu/web1.pid", "12\n".getBytes(StandardCharsets.US_ASCII));
        process(11, "c", IDLE);
        process(12, "c", WITH_DISK);

        assertThatItIsProcess(12);
    }

    @Test
    void where_selinux_is_active_it_is_the_process_at_the_pair_on_record() throws IOException {
        selinux(true);
        kernel.setLabel("/vm/disk", IMAGE.toString());
        process(11, "system_u:system_r:svirt_t:s0:c3,c4", IDLE);
        process(12, "system_u:system_r:svirt_t:s0:c1,c2", WITH_DISK);

        assertThatItIsProcess(12);
        assertThat(flaw(survey(), FlawKind.OPEN_IMAGE).names()).isEqualTo("web1 (process 12)");
    }

    @Test
    void elsewhere_it_is_the_one_that_has_its_disk_open() throws IOException {
        process(11, "c", IDLE);
        process(12, "c", WITH_DISK);
        kernel.file("/vm/other", new byte[4096]);
        open(11, "/vm/other", true);
        open(12, "/vm/disk", true);
        assertThatItIsProcess(12);
    }

    @Test
    void who_reads_its_disk_is_another() throws IOException {
        process(11, "c", WITH_DISK);
        open(11, "/vm/disk", false);

        assertThat(survey().looked().defined()).isEqualTo(1);
        assertThat(flaw(survey(), FlawKind.SHARED_IMAGE).severity()).isEqualTo(Severity.DANGER);
    }

    @Test
    void for_a_user_who_sees_no_open_files_it_is_the_one_that_names_its_disk() throws IOException {
        process(11, "c", IDLE);
        process(12, "c", WITH_DISK);
        assertThatItIsProcess(12);
    }

    @Test
    void one_of_whom_nothing_proves_it_is_another() throws IOException {
        process(11, "c", IDLE);
        assertThat(survey().looked().defined()).isEqualTo(1);

        held();
        assertThat(survey().looked().defined()).isEqualTo(1);
    }
}
