package labeler.lifecycle;

import static labeler.waiting.Eventually.await;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import labeler.chain.ImageFormat;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux.Unsynced;
import labeler.vm.StartedBy;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A label with a VM's own pair on a file of its record is the VM's, whoever set it, and however the VM ends. */
class OwnPairTest extends HostTest {
    private static final String PLACE = "unconfined_u:object_r:virt_image_t:s0";

    /** What restorecon gives a file there. */
    private static final String BY_POLICY = "system_u:object_r:virt_image_t:s0";

    @BeforeEach
    void labelTheDirectory() {
        host.kernel.setLabel("/vm", PLACE);
    }

    private VmView start(String name, String disk) {
        return host.vm(name)
                .disk(disk, ImageFormat.QCOW2)
                .by(StartedBy.LABELLING_LIBVIRT)
                .start();
    }

    private VmView start() {
        return start("one", "/vm/a");
    }

    /** As libvirt does for a commit into the base. */
    private static String own(VmView vm) {
        return TestHost.IMAGE_TYPE + vm.level();
    }

    private void recover() {
        RecoveryReport _ = host.lifecycle().recover(false, false);
    }

    private boolean isTaken(VmView vm) {
        return host.ledger().holdings().isReserved(vm.level().pair());
    }

    @Test
    void a_stop_without_a_definition_gives_the_base_its_original_back() {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", own(vm));

        VmReport report = host.stop("one");

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(report.count(FileReport.Outcome.CHANGED_BY_OTHERS)).isZero();
    }

    @Test
    void it_is_the_vms_under_another_user_and_type() {
        VmView vm = start();
        host.kernel.setLabel("/vm/a", "unconfined_u:object_r:svirt_image_t:" + vm.level());
        host.kernel.setLabel("/vm/base", "staff_u:object_r:odd_t:" + vm.level());

        host.stop("one");

        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_reboot_gives_the_base_its_original_back_and_then_frees_the_pair() throws IOException {
        for (Unsynced unsynced : Unsynced.values()) {
            VmView vm = start();
            host.kernel.setLabel("/vm/base", own(vm));

            host.reboot(unsynced);

            assertThat(host.label("/vm/base")).as("%s", unsynced).isEqualTo(TestHost.HOME);
            recover();
            assertThat(host.recordedFiles()).isZero();
            assertThat(isTaken(vm)).isFalse();
        }
    }

    @Test
    void a_power_cut_that_brings_the_label_back_after_the_end_is_mended_as_well() throws IOException {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", own(vm));
        host.stop("one");
        host.kernel.setLabel("/vm/base", own(vm));

        host.reboot(Unsynced.KEPT);
        recover();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_look_at_a_stop_that_nobody_asked_for_foretells_it() {
        host.kernel.processes().start(77);
        VmView vm = host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .by(StartedBy.LABELLING_LIBVIRT)
                .pid(77)
                .start();
        host.kernel.setLabel("/vm/base", own(vm));
        host.kernel.processes().end(77);

        assertThat(host.lifecycle().recover(true, false).ended())
                .allSatisfy(report -> assertThat(report.count(FileReport.Outcome.CHANGED_BY_OTHERS))
                        .isZero());
    }

    @Test
    void a_file_system_that_thaws_after_the_end_gets_the_original_with_the_next_round() throws IOException {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", own(vm));
        CountDownLatch thawed = stopsOnAFrozenFileSystem("one");

        assertThat(host.lifecycle().names()).isEmpty();
        assertThat(isTaken(vm)).isTrue();
        thawed.countDown();

        eventually(() -> {
            recover();
            return host.recordedFiles() == 0;
        });
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(isTaken(vm)).isFalse();
        assertThat(start().level()).isNotNull();
    }

    @Test
    void the_next_service_knows_the_pair_of_a_vm_that_ended_on_a_frozen_file_system() throws IOException {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", own(vm));
        stopsOnAFrozenFileSystem("one").countDown();
        host.kernel.setLabel("/vm/base", own(vm));

        host.restart();
        recover();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    /** The VM ends while nothing on its file system can be looked at. */
    private CountDownLatch stopsOnAFrozenFileSystem(String name) throws IOException {
        host.beImpatient();
        CountDownLatch thawed = new CountDownLatch(1);
        host.kernel.faults().beforeNext("openat2", () -> await(thawed));
        VmReport report = host.stop(name);
        assertThat(report.count(FileReport.Outcome.FAILED)).isPositive();
        return thawed;
    }

    @Test
    void another_pair_is_somebody_elses_and_stays() throws IOException {
        start();
        host.kernel.setLabel("/vm/base", TestHost.IMAGE_TYPE + "s0:c1,c2");
        host.kernel.setLabel("/vm/a", TestHost.IMAGE_TYPE + "s0:c3,c4");

        host.reboot(Unsynced.KEPT);

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c1,c2");
        assertThat(host.label("/vm/a")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c3,c4");
    }

    @Test
    void a_base_that_another_vm_holds_gets_what_that_one_needs() {
        VmView vm = start();
        start("two", "/vm/b");
        host.kernel.setLabel("/vm/base", own(vm));

        host.stop("one");

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        host.stop("two");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_base_with_the_pair_of_the_vm_that_stays_is_left_to_that_one() {
        start();
        VmView two = start("two", "/vm/b");
        host.kernel.setLabel("/vm/base", own(two));

        host.stop("one");

        assertThat(host.label("/vm/base")).isEqualTo(own(two));
        host.stop("two");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_base_that_could_not_be_looked_at_keeps_the_pair_until_its_last_holder_has_gone() throws IOException {
        VmView vm = start();
        start("two", "/vm/b");
        host.kernel.setLabel("/vm/base", own(vm));
        stopsOnAFrozenFileSystem("one").countDown();
        assertThat(isTaken(vm)).isTrue();

        host.stop("two");
        eventually(() -> {
            recover();
            return host.recordedFiles() == 0;
        });

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(isTaken(vm)).isFalse();
    }

    @Test
    void a_base_of_many_vms_keeps_no_pair_of_those_that_left_it_as_it_should_be() {
        start("two", "/vm/b");
        for (int i = 0; i < 3; i++) {
            VmView vm = start();
            host.stop("one");
            recover();
            assertThat(isTaken(vm)).isFalse();
        }
    }

    /** libvirt gives a base that it takes for reading the label for all, whatever it had. */
    @Test
    void a_disk_that_became_a_layer_for_reading_gets_its_original_back_after_a_reboot() throws IOException {
        host.kernel.setLabel("/vm/a", TestHost.HOME);
        start();
        host.kernel.setLabel("/vm/a", TestHost.CONTENT);

        host.reboot(Unsynced.KEPT);

        assertThat(host.label("/vm/a")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_label_for_all_stays_while_a_running_domain_of_libvirts_names_the_file() {
        start();
        host.kernel.setLabel("/vm/a", TestHost.CONTENT);
        host.running("two", "<domstatus><domain><disk><source file='/vm/a'/></disk></domain></domstatus>");

        host.stop("one");

        assertThat(host.label("/vm/a")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_failure_to_set_it_is_tried_again() {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", own(vm));
        host.kernel.faults().failOn("fsetxattr", 1, Errno.EACCES);
        host.stop("one");

        recover();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    /** The file goes back when the last of all hosts says so; until then it has the label that these share. */
    @Test
    void a_base_that_other_hosts_may_need_loses_the_pair_before_this_host_leaves_it() {
        VmView vm = start();
        start("two", "/vm/b");
        host.kernel.setLabel("/vm/base", own(vm));
        host.beside.need(Optional.of("another host has it"));

        host.stop("one");

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void the_vm_that_is_stopped_while_its_process_runs_leaves_it_as_well() {
        VmView vm = host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .by(StartedBy.LABELLING_LIBVIRT)
                .start();
        host.kernel.setLabel("/vm/base", own(vm));

        assertThat(host.lifecycle().stop(new VmName("one"), Optional.empty())).isPresent();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    /** As when the host boots with /.autorelabel after the power cut. */
    @Test
    void what_an_administrator_gave_a_file_during_a_reboot_stays() throws IOException {
        host.kernel.setLabel("/vm/a", TestHost.HOME);
        for (String administrators : List.of(BY_POLICY, TestHost.SHARED)) {
            start();
            host.kernel.setLabel("/vm/a", administrators);
            host.kernel.setLabel("/vm/base", administrators);

            host.reboot(Unsynced.KEPT);
            recover();

            assertThat(host.label("/vm/a")).isEqualTo(administrators);
            assertThat(host.label("/vm/base")).isEqualTo(administrators);
            assertThat(host.recordedFiles()).isZero();
        }
    }

    @Test
    void a_stop_without_a_definition_leaves_what_the_policy_gave() {
        start();
        host.kernel.setLabel("/vm/base", BY_POLICY);

        VmReport report = host.stop("one");

        assertThat(host.label("/vm/base")).isEqualTo(BY_POLICY);
        assertThat(report.count(FileReport.Outcome.CHANGED_BY_OTHERS)).isEqualTo(1);
    }

    @Test
    void a_label_for_all_that_a_file_got_after_its_own_had_gone_back_stays_when_the_process_ends() {
        host.kernel.setLabel("/vm/a", TestHost.HOME);
        host.kernel.processes().start(77);
        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .by(StartedBy.LABELLING_LIBVIRT)
                .pid(77)
                .start();
        VmReport stopped = host.stop("one");
        assertThat(stopped.stillRunning()).isPresent();
        assertThat(host.label("/vm/a")).isEqualTo(TestHost.HOME);
        host.kernel.setLabel("/vm/a", TestHost.CONTENT);

        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().names().isEmpty());
        recover();

        assertThat(host.label("/vm/a")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_stop_says_which_labels_of_libvirts_it_could_not_take_off() {
        start();
        start("two", "/vm/b");
        host.kernel.setLabel("/vm/a", TestHost.CONTENT);
        host.running("three", "no XML");

        VmReport report = host.stop("one");

        assertThat(host.label("/vm/a")).isEqualTo(TestHost.CONTENT);
        assertThat(report.files())
                .filteredOn(file -> file.path().equals(HostPath.of("/vm/a")))
                .anySatisfy(file -> assertThat(file.message()).contains("what else libvirt runs could not be read"));
    }

    /** The end itself has the last word about a file. */
    @Test
    void a_failure_that_the_end_has_mended_is_no_failure() {
        VmView vm = start();
        host.kernel.setLabel("/vm/base", own(vm));
        host.kernel.faults().failOn("fsetxattr", 1, Errno.EACCES);

        VmReport report = host.stop("one");

        assertThat(report.count(FileReport.Outcome.FAILED)).isZero();
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_base_of_others_that_keeps_the_pair_is_told() {
        VmView vm = start();
        start("two", "/vm/b");
        host.kernel.setLabel("/vm/base", own(vm));
        host.kernel.faults().failOn("fsetxattr", 1, Errno.EACCES);

        VmReport report = host.stop("one");

        assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(1);
        assertThat(report.files()).anySatisfy(file -> assertThat(file.path()).isEqualTo(HostPath.of("/vm/base")));
    }
}
