package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class StartAndStopTest extends HostTest {
    @Test
    void a_file_that_a_header_names_has_the_image_with_that_header_as_its_parent() {
        VmView vm = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        assertThat(vm.files())
                .extracting(FileView::parent)
                .containsExactly(Optional.empty(), Optional.of(HostPath.of("/vm/a")));
    }

    @Test
    void the_overlay_gets_the_level_and_the_base_is_content() {
        VmView vm = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        assertThat(host.label("/vm/a")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        assertThat(vm.state()).isEqualTo(VmState.RUNNING);
    }

    @Test
    void a_stop_gives_back_what_was_there_also_no_label() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        VmReport report = host.stop("one");

        assertThat(report.count(FileReport.Outcome.REVERTED)).isEqualTo(2);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.kernel.attribute("/vm/a", AttributeName.SECURITY_SELINUX))
                .isEmpty();
        assertThat(host.lifecycle().status()).isEmpty();
    }

    @Test
    void the_original_comes_back_byte_for_byte_also_without_a_nul() {
        byte[] odd = "not a context at all".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        host.kernel.setAttribute("/vm/a", AttributeName.SECURITY_SELINUX, odd);

        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.stop("one");

        assertThat(host.kernel.attribute("/vm/a", AttributeName.SECURITY_SELINUX))
                .contains(odd);
    }

    @Test
    void a_shared_base_goes_back_with_its_last_holder() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        VmReport first = host.stop("one");
        assertThat(first.count(FileReport.Outcome.STILL_HELD)).isEqualTo(1);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);

        host.stop("two");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_disk_in_use_is_refused_to_a_second_vm() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        List<Problem> problems = host.vm("two").disk("/vm/a", ImageFormat.QCOW2).refusal();

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.IN_USE);
            assertThat(problem.message()).contains("VM one");
        });
        assertThat(host.lifecycle().status(new VmName("two"))).isEmpty();
    }

    @Test
    void a_disk_of_one_vm_cannot_be_anothers_backing_file() {
        host.overlay("/vm/c", "a", "qcow2");
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        host.vm("two").disk("/vm/c", ImageFormat.QCOW2).isRefused(Problem.Kind.IN_USE);
    }

    @Test
    void a_backing_file_in_use_cannot_be_anothers_disk() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        host.vm("two").disk("/vm/base", ImageFormat.RAW).isRefused(Problem.Kind.IN_USE);
    }

    @Test
    void two_vms_share_a_disk_that_both_declare_shareable() {
        host.raw("/vm/shared");
        host.vm("one").shareableDisk("/vm/shared", ImageFormat.RAW).start();
        host.vm("two").shareableDisk("/vm/shared", ImageFormat.RAW).start();

        assertThat(host.label("/vm/shared")).isEqualTo(TestHost.SHARED);
        host.vm("three").disk("/vm/shared", ImageFormat.RAW).isRefused(Problem.Kind.IN_USE);
        host.stop("one");
        host.stop("two");
        assertThat(host.label("/vm/shared")).isEqualTo("none");
    }

    /** As in a cluster where one node only looks. Both labels are the same, so either may come first. */
    @Test
    void a_reader_that_declares_the_disk_shareable_stands_beside_its_writers() {
        host.raw("/vm/shared");
        host.vm("reader").readerOfShareable("/vm/shared", ImageFormat.RAW).start();
        assertThat(host.label("/vm/shared")).isEqualTo(TestHost.SHARED);

        host.vm("writer").shareableDisk("/vm/shared", ImageFormat.RAW).start();
        host.stop("reader");
        host.vm("reader").readerOfShareable("/vm/shared", ImageFormat.RAW).start();

        assertThat(host.label("/vm/shared")).isEqualTo(TestHost.SHARED);
        host.vm("plain").readOnlyDisk("/vm/shared", ImageFormat.RAW).isRefused(Problem.Kind.IN_USE);
        host.stop("reader");
        host.stop("writer");
        assertThat(host.label("/vm/shared")).isEqualTo("none");
    }

    /** Nobody can write it, so it is content for all, whatever it says. */
    @Test
    void an_image_with_tables_that_is_only_read_is_content_although_it_is_declared_shareable() {
        host.vm("one").readerOfShareable("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").readOnlyDisk("/vm/a", ImageFormat.QCOW2).start();

        assertThat(host.label("/vm/a")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_vm_that_writes_its_own_base_contradicts_itself() {
        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .disk("/vm/base", ImageFormat.RAW)
                .isRefused(Problem.Kind.CONTRADICTION);
    }

    @Test
    void a_failed_start_leaves_every_label_as_it_was() {
        host.kernel.faults().failOn("fsetxattr", 2, Errno.ENOSPC);

        List<Problem> problems = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).refusal();

        assertThat(problems).first().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.LABEL_NOT_SET);
            assertThat(problem.message()).contains("No space left").contains("free some space");
        });
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.lifecycle().status()).isEmpty();
    }

    @Test
    void a_failed_start_does_not_take_a_shared_base_from_its_other_holder() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.faults().failOn("fsetxattr", 2, Errno.EPERM);

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).refusal();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        assertThat(host.label("/vm/b")).isEqualTo("none");
    }

    @Test
    void a_label_that_somebody_else_changed_is_reported_and_left() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.setLabel("/vm/a", "system_u:object_r:etc_t:s0");

        VmReport report = host.stop("one");

        assertThat(report.count(FileReport.Outcome.CHANGED_BY_OTHERS)).isEqualTo(1);
        assertThat(host.label("/vm/a")).isEqualTo("system_u:object_r:etc_t:s0");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void one_failure_at_a_stop_does_not_stop_the_rest_and_is_tried_again() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.faults().failOn("fremovexattr", 1, Errno.EIO);

        VmReport report = host.stop("one");
        assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(1);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);

        host.lifecycle().recover(false, false);
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_file_system_without_labels_is_refused_with_the_way_out() {
        host.kernel.mount("/ram").withoutAttributes().type("ramfs", 0x858458f6L);
        host.raw("/ram/disk");

        host.vm("one")
                .disk("/ram/disk", ImageFormat.RAW)
                .isRefusedWith(Problem.Kind.LABELS_UNAVAILABLE, "ramfs", "/ram", "move it");
    }

    @Test
    void a_read_only_file_system_is_refused_unless_the_label_is_right_already() {
        var mount = host.kernel.mount("/iso");
        host.raw("/iso/cd");
        mount.readOnly(true);

        host.vm("one").readOnlyDisk("/iso/cd", ImageFormat.RAW).isRefused(Problem.Kind.LABELS_UNAVAILABLE);
        host.kernel.setLabel("/iso/cd", TestHost.CONTENT);
        assertThat(host.vm("one")
                        .readOnlyDisk("/iso/cd", ImageFormat.RAW)
                        .start()
                        .files())
                .singleElement()
                .satisfies(file -> assertThat(file.treatment()).isEqualTo(labeler.plan.Treatment.LEAVE));
    }

    @Test
    void a_log_that_is_not_there_is_made_and_labelled_and_stays_at_the_end() {
        host.kernel.directory("/log");

        VmView vm = host.vm("one")
                .file("/log/serial", FileRole.LOG, UseAccess.CREATE)
                .start();

        assertThat(host.label("/log/serial")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
        assertThat(host.kernel.status("/log/serial").orElseThrow().uid()).isZero();
        host.stop("one");
        assertThat(host.kernel.status("/log/serial")).isPresent();
    }

    @Test
    void a_backing_name_that_may_lead_to_files_unseen_is_refused() {
        host.overlay(
                "/vm/c",
                "json:{\"driver\":\"raw\",\"offset\":0,\"file\":{\"driver\":\"file\",\"filename\":\"/vm/base\"}}",
                "raw");

        host.vm("one").disk("/vm/c", ImageFormat.QCOW2).isRefused(Problem.Kind.UNSUPPORTED);
    }

    @Test
    void a_backing_file_that_json_names_plainly_is_labelled_like_any_other() {
        host.overlay(
                "/vm/c", "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/vm/base\"}}", "raw");

        host.vm("one").disk("/vm/c", ImageFormat.QCOW2).start();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_backing_file_behind_a_network_in_json_is_none_of_this_hosts() {
        host.overlay("/vm/c", "json:{\"driver\":\"nbd\",\"server.type\":\"inet\",\"server.host\":\"h\"}", "raw");

        assertThat(host.vm("one").disk("/vm/c", ImageFormat.QCOW2).start().external())
                .isNotEmpty();
    }

    @Test
    void nobody_but_root_has_files_made() {
        host.kernel.directory("/etc/profile.d");

        host.vm("one")
                .file("/etc/profile.d/x.sh", FileRole.LOG, UseAccess.CREATE)
                .by(1000)
                .isRefused(Problem.Kind.MISSING);
        assertThat(host.kernel.status("/etc/profile.d/x.sh")).isEmpty();
    }

    @Test
    void what_a_failed_start_made_is_removed() {
        host.kernel.directory("/log");
        host.kernel.faults().failOn("fsetxattr", 1, Errno.ENOSPC);

        host.vm("one").file("/log/serial", FileRole.LOG, UseAccess.CREATE).refusal();

        assertThat(host.kernel.status("/log/serial")).isEmpty();
    }

    @Test
    void a_name_is_taken_while_its_vm_is_held() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        host.vm("one").disk("/vm/b", ImageFormat.QCOW2).isRefused(Problem.Kind.ALREADY_RUNNING);
    }

    @Test
    void a_plan_of_a_vm_that_is_held_says_what_its_start_would() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        TestVm again = host.vm("one").disk("/vm/b", ImageFormat.QCOW2);

        assertThat(planned(again))
                .isEqualTo(again.refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.ALREADY_RUNNING);
        assertThat(planned(host.vm("one").disk("/vm/a", ImageFormat.QCOW2)))
                .extracting(Problem::kind)
                .startsWith(Problem.Kind.ALREADY_RUNNING);

        host.stop("one");
        assertThat(planned(again)).isEmpty();
    }

    private List<Problem> planned(TestVm vm) {
        return switch (host.lifecycle().plan(vm.request())) {
            case PlanOutcome.Planned(VmView view) -> view.problems();
            case PlanOutcome.NotPlanned(List<Problem> problems) -> problems;
        };
    }

    @Test
    void a_plan_changes_nothing_and_reserves_nothing() {
        host.kernel.faults().forgetCalls();

        PlanOutcome outcome = host.lifecycle()
                .plan(host.vm("one").disk("/vm/a", ImageFormat.QCOW2).request());

        assertThat(outcome).isInstanceOfSatisfying(PlanOutcome.Planned.class, planned -> {
            assertThat(planned.vm().files()).hasSize(2);
            assertThat(planned.vm().problems()).isEmpty();
        });
        assertThat(host.kernel.faults().changes()).isZero();
        assertThat(host.lifecycle().status()).isEmpty();
    }

    @Test
    void a_run_says_what_its_process_may_reach_and_a_start_has_no_such_wall() {
        VmView started = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        VmView run = host.vm("two").disk("/vm/b", ImageFormat.QCOW2).run().start();

        assertThat(started.walls()).isEmpty();
        assertThat(started.landlock()).isEmpty();
        assertThat(run.walls()).containsExactly(Wall.LANDLOCK);
        assertThat(run.landlock())
                .filteredOn(allowance -> allowance.identity().isPresent())
                .extracting(
                        allowance -> allowance.path() + " " + allowance.allow().word())
                .containsExactly("/vm/b read-write", "/vm/base read");
        assertThat(host.lifecycle().status(new VmName("two")).orElseThrow().walls())
                .containsExactly(Wall.LANDLOCK);
    }
}
