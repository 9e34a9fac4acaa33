package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import labeler.chain.ImageFormat;
import labeler.linux.Errno;
import labeler.linux.fake.FakeLinux;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** Changes by others to a VM's files while it holds them, or shortly before. */
class HeldFilesTest extends HostTest {
    @Test
    void a_file_deleted_or_replaced_while_held_is_reported_and_the_others_go_back() {
        host.raw("/vm/c");
        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .disk("/vm/c", ImageFormat.RAW)
                .start();
        host.kernel.delete("/vm/a");
        host.kernel.file("/vm/c", new byte[512]);
        host.kernel.setLabel("/vm/c", TestHost.HOME);

        VmReport report = host.stop("one");

        assertThat(report.count(FileReport.Outcome.MISSING)).isEqualTo(2);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.label("/vm/c")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_block_device_has_one_writer_whichever_of_its_nodes_is_named() throws IOException {
        host.kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        host.kernel.blockDevice("/dev/mapper/web", new byte[4096], 0xfd03);
        host.kernel.blockDevice("/dev/dm-4", new byte[4096], 0xfd04);
        host.vm("one").disk("/dev/dm-3", ImageFormat.RAW).start();

        for (int i = 0; i < 2; i++) {
            TestVm two = host.vm("two").disk("/dev/mapper/web", ImageFormat.RAW);
            assertThat(host.lifecycle().plan(two.request()))
                    .isInstanceOfSatisfying(
                            PlanOutcome.Planned.class,
                            planned -> assertThat(planned.vm().problems()).hasSize(1));
            two.isRefusedWith(Problem.Kind.IN_USE, "VM one holds another node of this block device");
            host.restart();
        }
        host.vm("three").disk("/dev/dm-4", ImageFormat.RAW).start();
        host.stop("one");
        host.vm("two").disk("/dev/mapper/web", ImageFormat.RAW).start();
    }

    @Test
    void many_vms_read_a_block_device_by_whichever_of_its_nodes() throws IOException {
        host.kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        host.kernel.blockDevice("/dev/mapper/web", new byte[4096], 0xfd03);
        host.vm("one").readOnlyDisk("/dev/dm-3", ImageFormat.RAW).start();
        host.vm("two").readOnlyDisk("/dev/mapper/web", ImageFormat.RAW).start();

        host.restart();
        host.stop("one");
        host.vm("one").disk("/dev/dm-3", ImageFormat.RAW).isRefused(Problem.Kind.IN_USE);
    }

    @Test
    void a_file_swapped_in_during_the_start_is_refused() {
        host.kernel.faults().beforeNext("fsetxattr", () -> host.kernel.file("/vm/a", new byte[512]));

        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).isRefused(Problem.Kind.CHANGED);
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void relabel_sets_again_what_restorecon_took() {
        VmView vm = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.setLabel("/vm/a", TestHost.HOME);
        VmName name = new VmName("one");

        assertThat(host.lifecycle().verify(name).orElseThrow().count(FileReport.Outcome.CHANGED_BY_OTHERS))
                .isEqualTo(1);
        assertThat(host.lifecycle().relabel(name, true).orElseThrow().count(FileReport.Outcome.WOULD_CHANGE))
                .isEqualTo(1);
        assertThat(host.label("/vm/a")).isEqualTo(TestHost.HOME);
        assertThat(host.lifecycle().relabel(name, false).orElseThrow().count(FileReport.Outcome.RELABELLED))
                .isEqualTo(1);
        assertThat(host.label("/vm/a")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
        host.stop("one");
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_renamed_file_gets_its_label_back_under_its_new_name() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.rename("/vm/a", "/elsewhere/aside");

        VmReport report = host.stop("one");

        assertThat(report.count(FileReport.Outcome.REVERTED)).isEqualTo(2);
        assertThat(host.label("/elsewhere/aside")).isEqualTo("none");
    }

    @Test
    void a_deleted_file_is_forgotten_and_its_pair_is_free() {
        VmView vm = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.delete("/vm/a");
        host.stop("one");

        host.lifecycle().recover(false, false);

        assertThat(host.lifecycle().recover(true, false).stale()).isEmpty();
        host.vm("two")
                .disk("/vm/b", ImageFormat.QCOW2)
                .level(vm.level().toString())
                .start();
    }

    @Test
    void a_lost_file_keeps_its_pair_until_it_is_found_or_given_up() {
        host.kernel.mount("/old").withoutHandles();
        host.raw("/old/disk");
        String level = host.vm("one")
                .disk("/old/disk", ImageFormat.RAW)
                .start()
                .level()
                .toString();
        host.kernel.rename("/old/disk", "/old/aside");

        assertThat(host.stop("one").count(FileReport.Outcome.LOST)).isEqualTo(1);
        host.lifecycle().recover(false, false);
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).level(level).isRefused(Problem.Kind.LEVEL_IN_USE);

        host.lifecycle().recover(false, true);
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).level(level).start();
    }

    @Test
    void a_lost_file_that_comes_back_gets_its_label_back() {
        host.kernel.mount("/old").withoutHandles();
        host.raw("/old/disk");
        host.vm("one").disk("/old/disk", ImageFormat.RAW).start();
        host.kernel.rename("/old/disk", "/old/aside");
        host.stop("one");
        host.kernel.rename("/old/aside", "/old/disk");

        host.lifecycle().recover(false, false);

        assertThat(host.label("/old/disk")).isEqualTo("none");
        assertThat(host.lifecycle().recover(true, false).stale()).isEmpty();
    }

    @Test
    void a_base_that_somebody_gave_another_label_is_joined_by_nobody() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.setLabel("/vm/base", "system_u:object_r:etc_t:s0");

        host.vm("two")
                .disk("/vm/b", ImageFormat.QCOW2)
                .isRefusedWith(Problem.Kind.CHANGED, "etc_t", "VM one", "labeler relabel");
        assertThat(host.label("/vm/base")).isEqualTo("system_u:object_r:etc_t:s0");
    }

    @Test
    void a_base_that_restorecon_took_back_is_labelled_again_by_whoever_joins() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.setLabel("/vm/base", TestHost.HOME);

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_base_that_another_tool_gives_its_label_after_the_stop_is_that_tools() throws IOException {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.stop("one");
        host.kernel.setLabel("/vm/base", TestHost.CONTENT);

        host.restart();
        host.lifecycle().recover(false, false);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        host.stop("two");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_base_that_another_tool_labels_between_a_stop_and_the_settlement_is_that_tools_without_a_restart() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.stop("one");
        host.kernel.setLabel("/vm/base", TestHost.CONTENT);

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        host.stop("two");
        host.lifecycle().recover(false, false);

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_base_that_another_tool_labels_after_a_start_that_failed_is_that_tools() {
        host.kernel.faults().failOn("fsetxattr", 2, Errno.ENOSPC);
        assertThat(host.vm("one").disk("/vm/a", ImageFormat.QCOW2).refusal()).isNotEmpty();
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        host.kernel.setLabel("/vm/base", TestHost.CONTENT);

        host.lifecycle().recover(false, false);

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_base_is_ours_again_for_whoever_joins_a_stopped_vm_that_still_runs() {
        host.kernel.processes().start(50);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(50).start();
        host.stop("one");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        host.kernel.processes().end(50);
        eventually(() -> host.lifecycle().status().size() == 1);
        host.stop("two");

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_label_that_a_power_cut_brings_back_is_ours_still() throws IOException {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.stop("one");

        host.kernel.setLabel("/vm/base", TestHost.CONTENT);
        host.reboot(FakeLinux.Unsynced.KEPT);
        host.lifecycle().recover(false, false);

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_dry_recovery_forgets_nothing_that_was_handed_over() {
        host.kernel.mount("/nfs").withoutAttributes();
        host.raw("/nfs/disk");
        host.kernel.processes().start(50);
        host.vm("one").handedOver("/nfs/disk").pid(50).run().start();
        host.kernel.processes().end(50);
        eventually(() -> host.lifecycle().status().isEmpty());
        int recorded = host.recordedFiles();

        host.lifecycle().recover(true, false);
        assertThat(host.recordedFiles()).isEqualTo(recorded);
        host.lifecycle().recover(false, false);
        assertThat(host.recordedFiles()).isLessThan(recorded);
    }

    @Test
    void a_label_of_before_outlives_that_its_file_system_stopped_storing_labels() {
        host.kernel.mount("/shared");
        host.raw("/shared/disk");
        host.kernel.setLabel("/shared/disk", TestHost.HOME);
        host.vm("one").disk("/shared/disk", ImageFormat.RAW).start();
        String labelled = host.label("/shared/disk");
        host.kernel.faults().failAlways("fsetxattr", "/shared/disk", Errno.EIO);
        host.stop("one");
        host.kernel.faults().clear();
        assertThat(host.label("/shared/disk")).isEqualTo(labelled);

        host.kernel.faults().failAlways("fgetxattr", "/shared/disk", Errno.EOPNOTSUPP);
        host.kernel.processes().start(50);
        host.vm("two").handedOver("/shared/disk").pid(50).run().start();
        host.kernel.faults().clear();
        host.stop("two");
        host.kernel.processes().end(50);
        eventually(() -> host.lifecycle().status().isEmpty());

        assertThat(host.label("/shared/disk")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_start_that_ends_in_a_fault_of_the_programs_own_leaves_nothing() {
        host.kernel.faults().beforeNext("fsetxattr", () -> {
            throw new IllegalStateException("a defect");
        });

        assertThatThrownBy(() -> host.vm("one").disk("/vm/a", ImageFormat.QCOW2).tryStart())
                .isInstanceOf(IllegalStateException.class);

        assertThat(host.lifecycle().status()).isEmpty();
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_file_that_cannot_be_asked_for_by_its_handle_just_now_is_not_forgotten() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.rename("/vm/a", "/elsewhere/aside");
        // By its old name, and by the mount point of its file system.
        host.kernel.faults().failAlways("open_by_handle_at", "/vm/a", Errno.EMFILE);
        host.kernel.faults().failAlways("open_by_handle_at", "/x", Errno.EMFILE);

        assertThat(host.stop("one").count(FileReport.Outcome.FAILED)).isEqualTo(1);
        host.kernel.faults().clear();
        host.lifecycle().recover(false, false);

        assertThat(host.label("/elsewhere/aside")).isEqualTo("none");
    }

    @Test
    void a_file_that_was_gone_after_a_reboot_is_lost_and_not_deleted() throws IOException {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.delete("/vm/a");

        host.reboot(FakeLinux.Unsynced.KEPT);

        assertThat(host.lifecycle().recover(true, false).stale()).isNotEmpty();
        host.lifecycle().recover(false, true);
        assertThat(host.lifecycle().recover(true, false).stale()).isEmpty();
    }

    @Test
    void a_domain_of_libvirts_with_a_file_that_carries_no_label_starts_only_where_the_settings_say_so()
            throws IOException {
        host.kernel.mount("/nfs").withoutAttributes();
        host.raw("/nfs/disk");
        host.vm("one").disk("/nfs/disk", ImageFormat.RAW).isRefusedWith(Problem.Kind.LABELS_UNAVAILABLE, "labeler run");

        host.leaveUnlabelled();

        VmView vm = host.vm("one")
                .disk("/nfs/disk", ImageFormat.RAW)
                .disk("/vm/a", ImageFormat.QCOW2)
                .start();
        assertThat(vm.files())
                .filteredOn(file -> file.path().toString().equals("/nfs/disk"))
                .singleElement()
                .satisfies(file -> {
                    assertThat(file.treatment()).isEqualTo(Treatment.LEAVE);
                    assertThat(file.reason()).contains("nothing sets VMs apart there");
                });
        host.stop("one");
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_base_that_is_joined_under_another_content_context_gets_its_original_back() throws IOException {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.renameContent("system_u:object_r:svirt_content_t:s0");
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        host.stop("one");
        host.stop("two");

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }
}
