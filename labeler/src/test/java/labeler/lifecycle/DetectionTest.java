package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import labeler.chain.ImageFormat;
import labeler.linux.Errno;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.FakeMount;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Detects which file systems store labels, from the kernel's word or behaviour. */
class DetectionTest extends HostTest {
    private FakeMount mount = new FakeLinux().mount("/");

    DetectionTest() {}

    @BeforeEach
    void aDiskOnAnotherFileSystem() {
        mount = host.kernel.mount("/far").refusingLabels(true);
        host.raw("/far/disk");
        host.raw("/far/other");
        host.kernel.processes().start(77);
    }

    @AfterEach
    void theProcessEnds() {
        host.kernel.faults().clear();
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    private TestVm run(String disk) {
        return host.vm("one")
                .qemu("-drive", "format=raw,file=" + disk, "-drive", "format=raw,file=/vm/base,readonly=on")
                .pid(77)
                .run();
    }

    private static Treatment treatment(VmView view, String path) {
        return view.files().stream()
                .filter(file -> file.path().printable().equals(path))
                .findFirst()
                .orElseThrow()
                .treatment();
    }

    private boolean triesToLabel(String path) {
        return host.kernel.faults().calls().stream()
                .anyMatch(call ->
                        call.name().equals("fsetxattr") && call.subject().equals(path));
    }

    @Test
    void where_a_label_is_refused_that_seemed_possible_the_file_is_handed_over() {
        VmView view = run("/far/disk").start();

        assertThat(treatment(view, "/far/disk")).isEqualTo(Treatment.PASS);
        assertThat(treatment(view, "/vm/base")).isEqualTo(Treatment.LABEL);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        host.stop("one");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void that_is_known_of_the_whole_mount_from_then_on() {
        run("/far/disk").start();
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
        host.kernel.processes().start(77);

        assertThat(treatment(run("/far/other").start(), "/far/other")).isEqualTo(Treatment.PASS);

        assertThat(triesToLabel("/far/other")).isFalse();
    }

    @Test
    void a_plan_refuses_a_file_there_that_cannot_be_handed_over_and_says_why() {
        host.kernel.file("/far/key", new byte[16]);
        run("/far/disk").start();

        PlanOutcome plan = host.lifecycle()
                .plan(host.vm("two")
                        .qemu("-object", "secret,id=s,file=/far/key")
                        .run()
                        .request());

        assertThat(plan).isInstanceOfSatisfying(PlanOutcome.Planned.class, planned -> {
            assertThat(treatment(planned.vm(), "/far/key")).isEqualTo(Treatment.REFUSE);
            assertThat(planned.vm().files())
                    .singleElement()
                    .satisfies(file -> assertThat(file.reason()).contains("of a secret no copy is made"));
        });
    }

    @Test
    void and_forgotten_when_mounts_change() {
        run("/far/disk").start();
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
        host.kernel.processes().start(77);
        mount.refusingLabels(false);
        host.kernel.mount("/elsewhere");

        assertThat(treatment(run("/far/other").start(), "/far/other")).isEqualTo(Treatment.LABEL);
    }

    @Test
    void a_vm_that_nothing_can_be_handed_to_is_refused_there_and_nothing_is_changed() {
        List<Problem> problems = host.vm("one")
                .disk("/far/disk", ImageFormat.RAW)
                .disk("/vm/a", ImageFormat.QCOW2)
                .refusal();

        assertThat(problems)
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("stores no security labels"));
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.lifecycle().status(new VmName("one"))).isEmpty();
    }

    @Test
    void a_label_that_cannot_be_taken_back_is_said_instead() {
        // The base gets its label before the label of the disk is refused. Its old label cannot be restored.
        host.kernel.faults().failOn("fsetxattr", 3, Errno.EIO);

        assertThat(host.vm("one")
                        .qemu("-drive", "format=raw,file=/vm/base,readonly=on", "-drive", "format=raw,file=/far/disk")
                        .pid(77)
                        .run()
                        .refusal())
                .extracting(Problem::kind)
                .contains(Problem.Kind.LABEL_NOT_SET);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void one_context_for_all_serves_what_vms_read_and_no_disk() throws IOException {
        host.enforce();
        host.kernel.mount("/fixed").withoutOption("seclabel").option("context=\"" + TestHost.CONTENT + "\"");
        for (String file : List.of("/fixed/cdrom", "/fixed/disk")) {
            host.raw(file);
            host.kernel.setLabel(file, TestHost.CONTENT);
        }

        assertThat(host.vm("one").disk("/fixed/disk", ImageFormat.RAW).refusal())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains("one context for all files")
                        .endsWith("mount it without context=, to have its files labelled or handed over"));
        assertThat(treatment(
                        host.vm("one")
                                .readOnlyDisk("/fixed/cdrom", ImageFormat.RAW)
                                .start(),
                        "/fixed/cdrom"))
                .isEqualTo(Treatment.LEAVE);
        host.stop("one");
    }

    @Test
    void labels_over_the_network_are_labels() throws IOException {
        host.enforce();
        host.kernel.mount("/labelled").type("nfs4", FakeMount.NFS);
        host.raw("/labelled/disk");

        VmView view = host.vm("one").disk("/labelled/disk", ImageFormat.RAW).start();

        assertThat(treatment(view, "/labelled/disk")).isEqualTo(Treatment.LABEL);
        assertThat(host.label("/labelled/disk")).isEqualTo(TestHost.IMAGE_TYPE + view.level());
        host.stop("one");
    }
}
