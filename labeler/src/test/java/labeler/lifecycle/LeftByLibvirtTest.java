package labeler.lifecycle;

import static labeler.waiting.Eventually.await;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import labeler.chain.ImageFormat;
import labeler.leftover.Leftover;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanPage;
import labeler.leftover.ScanRequest;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Labels that libvirt sets while its VM runs, and does not restore. */
class LeftByLibvirtTest extends HostTest {
    private static final String PLACE = "unconfined_u:object_r:virt_image_t:s0";
    private static final String NEW = "system_u:object_r:virt_image_t:s0";

    @BeforeEach
    void labelTheDirectory() {
        host.kernel.setLabel("/vm", PLACE);
    }

    private VmView start() {
        return host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
    }

    /** Ends the VM, with this last definition. */
    private VmReport release(TestVm last) {
        return release(last.request().definition());
    }

    private VmReport release(VmDefinition last) {
        return host.lifecycle().stop(new VmName("one"), Optional.of(last)).orElseThrow();
    }

    private TestVm asStarted() {
        return host.vm("one").disk("/vm/a", ImageFormat.QCOW2);
    }

    @Test
    void the_base_of_an_active_commit_gets_its_original_back() {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", TestHost.IMAGE_TYPE + vm.level());

        release(host.vm("one").disk("/vm/base", ImageFormat.RAW));

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.lifecycle().status()).isEmpty();
    }

    @Test
    void a_pair_of_the_vms_is_its_own_under_another_user_and_type() {
        VmView vm = start();
        host.kernel.setLabel("/vm/a", "unconfined_u:object_r:svirt_image_t:" + vm.level());
        host.kernel.setLabel("/vm/base", "staff_u:object_r:odd_t:" + vm.level());

        release(asStarted());

        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_file_that_libvirt_restored_by_the_policy_gets_its_original_back() {
        host.kernel.setLabel("/vm/a", PLACE);
        start();
        host.kernel.setLabel("/vm/a", NEW);

        release(asStarted());

        assertThat(host.label("/vm/a")).isEqualTo(PLACE);
    }

    @Test
    void a_file_system_that_answers_once_the_vm_is_gone_gets_its_originals_with_the_next_round() throws IOException {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", TestHost.IMAGE_TYPE + vm.level());
        host.beImpatient();
        CountDownLatch thawed = new CountDownLatch(1);
        host.kernel.faults().forgetCalls();
        int open = host.kernel.openDescriptors();
        host.kernel.faults().beforeNext("openat2", () -> await(thawed));

        VmReport report = release(host.vm("one").disk("/vm/base", ImageFormat.RAW));

        assertThat(report.problems())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NOT_ANSWERING, Problem.Kind.UNREADABLE);
        assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(2);
        assertThat(host.lifecycle().names()).isEmpty();
        thawed.countDown();
        eventually(() -> isLookedAt("/vm/base") && host.kernel.openDescriptors() == open);
        RecoveryReport _ = host.lifecycle().recover(false, false);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_domain_with_more_files_than_are_read_is_told_and_its_end_is_as_ever() {
        start();
        DefinitionBuilder large = new DefinitionBuilder(HostPath.of("/vm"));
        for (int number = 0; number <= 2048; number++) {
            byte[] name = ("/vm/rom" + number).getBytes(StandardCharsets.UTF_8);
            large.file(new Origin("rom " + number), FileRole.ROM, name, UseAccess.READ_ONLY);
        }

        VmReport report = release(large.build());

        assertThat(report.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.TOO_MANY);
            assertThat(problem.message()).contains("labeler recover --scan");
        });
        assertThat(host.lifecycle().names()).isEmpty();
    }

    private boolean isLookedAt(String path) {
        return host.kernel.faults().calls().stream()
                .anyMatch(call ->
                        call.name().equals("fgetxattr") && call.subject().equals(path));
    }

    @Test
    void what_somebody_else_gave_a_recorded_file_stays() {
        start();
        host.kernel.setLabel("/vm/a", "system_u:object_r:etc_t:s0");

        VmReport report = release(asStarted());

        assertThat(host.label("/vm/a")).isEqualTo("system_u:object_r:etc_t:s0");
        assertThat(report.count(FileReport.Outcome.CHANGED_BY_OTHERS)).isEqualTo(1);
    }

    @Test
    void the_overlay_of_a_snapshot_gets_what_a_new_file_beside_it_gets() {
        VmView vm = start();
        host.overlay("/vm/later", "a", "qcow2");
        host.kernel.setLabel("/vm/later", TestHost.IMAGE_TYPE + vm.level());

        VmReport report = release(host.vm("one").disk("/vm/later", ImageFormat.QCOW2));

        assertThat(host.label("/vm/later")).isEqualTo(NEW);
        assertThat(report.files()).anySatisfy(file -> assertThat(file.path()).isEqualTo(HostPath.of("/vm/later")));
    }

    @Test
    void a_file_that_no_definition_names_any_more_is_found_in_the_directory() {
        VmView vm = start();
        host.raw("/vm/dropped");
        host.kernel.setLabel("/vm/dropped", TestHost.IMAGE_TYPE + vm.level());
        host.raw("/vm/others");
        host.kernel.setLabel("/vm/others", TestHost.IMAGE_TYPE + "s0:c1,c2");

        release(asStarted());

        assertThat(host.label("/vm/dropped")).isEqualTo(NEW);
        assertThat(host.label("/vm/others")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c1,c2");
    }

    @Test
    void a_link_with_another_vms_image_behind_it_is_not_followed() {
        VmView vm = start();
        host.raw("/elsewhere/disk");
        host.kernel.setLabel("/elsewhere/disk", TestHost.IMAGE_TYPE + vm.level());
        host.kernel.symbolicLink("/vm/link", "/elsewhere/disk");

        release(asStarted());

        assertThat(host.label("/elsewhere/disk")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
    }

    @Test
    void a_content_label_that_only_a_header_leads_to_stays() {
        start();
        host.raw("/vm/named-by-the-guest");
        host.kernel.setLabel("/vm/named-by-the-guest", TestHost.CONTENT);
        host.kernel.write(
                "/vm/a",
                labeler.chain.testing.Qcow2Builder.overlay("named-by-the-guest", "raw")
                        .build());

        release(asStarted());

        assertThat(host.label("/vm/named-by-the-guest")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_base_that_another_vm_holds_gets_what_that_one_needs() {
        VmView vm = start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        host.kernel.setLabel("/vm/base", TestHost.IMAGE_TYPE + vm.level());

        release(host.vm("one").disk("/vm/base", ImageFormat.RAW));

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        host.stop("two");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_disk_of_another_vms_that_got_the_pair_is_told_and_left_to_that_one() {
        VmView vm = start();
        host.raw("/vm/other");
        host.vm("two").disk("/vm/other", ImageFormat.RAW).start();
        host.kernel.setLabel("/vm/other", TestHost.IMAGE_TYPE + vm.level());

        VmReport report = release(asStarted());

        assertThat(report.files()).anySatisfy(file -> {
            assertThat(file.path()).isEqualTo(HostPath.of("/vm/other"));
            assertThat(file.message()).contains("labeler relabel");
        });
        assertThat(host.label("/vm/other")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
    }

    @Test
    void a_directory_that_is_labelled_as_a_vms_gives_no_label() {
        VmView vm = start();
        host.raw("/tree/disk");
        host.kernel.setLabel("/tree", TestHost.SHARED);
        host.kernel.setLabel("/tree/disk", TestHost.IMAGE_TYPE + vm.level());

        VmReport report = release(asStarted().disk("/tree/disk", ImageFormat.RAW));

        assertThat(host.label("/tree/disk")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
        assertThat(report.files())
                .anySatisfy(file -> assertThat(file.message()).contains("its directory is labelled as a VM's"));
    }

    @Test
    void one_failure_stops_neither_the_rest_nor_the_end() {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", TestHost.IMAGE_TYPE + vm.level());
        host.raw("/vm/dropped");
        host.kernel.setLabel("/vm/dropped", TestHost.IMAGE_TYPE + vm.level());
        host.kernel.faults().failOn("fsetxattr", 1, Errno.EACCES);

        VmReport report = release(asStarted());

        assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(1);
        assertThat(host.label("/vm/dropped")).isEqualTo(NEW);
        assertThat(host.lifecycle().status()).isEmpty();
    }

    private void define(String name, String xml) throws IOException {
        Files.writeString(Files.createDirectories(host.defined()).resolve(name + ".xml"), xml, StandardCharsets.UTF_8);
    }

    private ScanPage scan(String directory, boolean apply) {
        ScanOutcome outcome =
                host.lifecycle().scan(new ScanRequest(HostPath.of(directory), Optional.empty(), apply), _ -> {});
        assertThat(outcome).isInstanceOf(ScanOutcome.Scanned.class);
        return ((ScanOutcome.Scanned) outcome).page();
    }

    private static List<String> found(ScanPage page, Leftover.Fate fate) {
        return page.files().stream()
                .filter(file -> file.outcome() == fate)
                .map(file -> file.path().printable())
                .toList();
    }

    @Test
    void a_scan_finds_pairs_that_no_record_and_no_definition_holds_and_mends_them() throws IOException {
        start();
        for (String name : List.of("dead", "defined", "below/dead")) {
            host.raw("/vm/" + name);
            host.kernel.setLabel("/vm/" + name, TestHost.IMAGE_TYPE + "s0:c1,c2");
        }
        host.kernel.setLabel("/vm/below", PLACE);
        host.kernel.setLabel("/vm/defined", TestHost.IMAGE_TYPE + "s0:c3,c4");
        define("two", "<domain><seclabel><label>a_u:a_r:svirt_t:s0:c3,c4</label></seclabel></domain>");

        assertThat(found(scan("/vm", false), Leftover.Fate.FOUND)).containsExactly("/vm/below/dead", "/vm/dead");
        assertThat(host.label("/vm/dead")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c1,c2");
        assertThat(found(scan("/vm", true), Leftover.Fate.MENDED)).containsExactly("/vm/below/dead", "/vm/dead");
        assertThat(host.label("/vm/below/dead")).isEqualTo(NEW);
        assertThat(host.label("/vm/defined")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c3,c4");
        assertThat(scan("/vm", false).files()).isEmpty();
    }

    @Test
    void a_scan_leaves_what_a_process_has_what_a_vm_does_not_write_and_what_links_lead_to() throws IOException {
        host.enforce();
        host.raw("/vm/running");
        host.kernel.setLabel("/vm/running", TestHost.IMAGE_TYPE + "s0:c5,c6");
        host.kernel.processes().start(77, "system_u:system_r:svirt_t:s0:c5,c6");
        host.raw("/vm/stopped-container");
        host.kernel.setLabel("/vm/stopped-container", "system_u:object_r:container_file_t:s0:c7,c8");
        host.raw("/elsewhere/dead");
        host.kernel.setLabel("/elsewhere/dead", TestHost.IMAGE_TYPE + "s0:c1,c2");
        host.kernel.symbolicLink("/vm/link", "/elsewhere");

        ScanPage page = scan("/vm", true);

        assertThat(found(page, Leftover.Fate.LEFT)).containsExactly("/vm/stopped-container");
        assertThat(page.files()).hasSize(1);
        assertThat(host.label("/elsewhere/dead")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c1,c2");
    }

    @Test
    void a_scan_does_not_enter_another_file_system_unless_it_is_named() {
        host.kernel.mount("/vm/mounted");
        host.kernel.setLabel("/vm/mounted", PLACE);
        host.raw("/vm/mounted/dead");
        host.kernel.setLabel("/vm/mounted/dead", TestHost.IMAGE_TYPE + "s0:c1,c2");

        assertThat(scan("/vm", true).files()).isEmpty();
        assertThat(found(scan("/vm/mounted", true), Leftover.Fate.MENDED)).containsExactly("/vm/mounted/dead");
    }
}
