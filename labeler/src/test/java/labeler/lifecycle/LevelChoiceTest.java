package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.ProcessIdentity;
import labeler.mcs.CategoryRange;
import labeler.problem.Problem;
import labeler.vm.StartedBy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The choice of a VM's level. */
class LevelChoiceTest extends HostTest {
    @Test
    void a_level_of_another_process_is_taken_whichever_process_asks() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2");
        host.kernel.processes().start(60);

        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .level("s0:c1,c2")
                .pid(60)
                .isRefused(Problem.Kind.LEVEL_IN_USE);
        assertThat(host.vm("two")
                        .disk("/vm/b", ImageFormat.QCOW2)
                        .level("s0:c1,c2")
                        .pid(50)
                        .start()
                        .level())
                .hasToString("s0:c1,c2");
    }

    @Test
    void a_label_with_a_pair_that_nobody_knows_is_not_what_a_file_had_before() {
        host.raw("/vm/c");
        host.kernel.setLabel("/vm/c", TestHost.IMAGE_TYPE + "s0:c5,c6");

        host.vm("one")
                .disk("/vm/c", ImageFormat.RAW)
                .isRefusedWith(Problem.Kind.LEFTOVER_LABEL, "s0:c5,c6", "labeler recover --scan");
        host.vm("one").disk("/vm/c", ImageFormat.RAW).level("s0:c7,c8").isRefused(Problem.Kind.LEFTOVER_LABEL);
        assertThat(host.label("/vm/c")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c5,c6");
    }

    @Test
    void a_static_level_explains_the_label_of_its_files() {
        host.raw("/vm/c");
        host.kernel.setLabel("/vm/c", TestHost.IMAGE_TYPE + "s0:c5,c6");

        host.vm("one").disk("/vm/c", ImageFormat.RAW).level("s0:c6,c5").start();
        host.stop("one");

        assertThat(host.label("/vm/c")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c5,c6");
    }

    @Test
    void a_pair_that_another_tool_gave_a_file_is_nobody_elses_while_a_vm_has_it() {
        host.raw("/vm/c");
        host.kernel.setLabel("/vm/c", "system_u:object_r:container_file_t:s0:c5,c6");

        host.vm("one").disk("/vm/c", ImageFormat.RAW).start();

        host.vm("two").disk("/vm/a", ImageFormat.QCOW2).level("s0:c5,c6").isRefused(Problem.Kind.LEVEL_IN_USE);
        host.stop("one");
        assertThat(host.label("/vm/c")).isEqualTo("system_u:object_r:container_file_t:s0:c5,c6");
    }

    @Test
    void a_pair_that_is_left_on_a_file_of_the_vm_is_not_chosen_for_it() throws IOException {
        try (TestHost narrow = new TestHost(
                state.resolve("narrow"), CategoryRange.parse("c5.c6").orElseThrow())) {
            narrow.raw("/vm/c");
            narrow.kernel.setLabel("/vm/c", TestHost.IMAGE_TYPE + "s0:c5,c6");

            narrow.vm("one").disk("/vm/c", ImageFormat.RAW).isRefused(Problem.Kind.NO_FREE_PAIR);
        }
    }

    @Test
    void a_level_asked_for_is_given_once() {
        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c9,c7")
                        .start()
                        .level())
                .hasToString("s0:c7,c9");
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).level("s0:c7,c9").isRefused(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void a_vm_starts_again_at_the_level_asked_for_as_soon_as_it_has_ended() {
        for (int i = 0; i < 3; i++) {
            host.vm("one").disk("/vm/a", ImageFormat.QCOW2).level("s0:c7,c9").start();
            host.stop("one");
            assertThat(host.label("/vm/a")).isEqualTo("none");
        }
        host.vm("two").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("one").disk("/vm/b", ImageFormat.QCOW2).level("s0:c7,c9").start();
    }

    @Test
    void what_a_vm_has_left_keeps_its_level_from_every_other() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).level("s0:c7,c9").start();
        host.stop("one");
        host.vm("two")
                .disk("/vm/b", ImageFormat.QCOW2)
                .level("s0:c7,c9")
                .isRefusedWith(Problem.Kind.LEVEL_IN_USE, "a file of another VM", "labeler recover");

        host.vm("two").disk("/vm/a", ImageFormat.QCOW2).start();
        host.stop("two");
        // Now it may have what the second VM has written.
        host.vm("one").disk("/vm/b", ImageFormat.QCOW2).level("s0:c7,c9").isRefused(Problem.Kind.LEVEL_IN_USE);
        host.lifecycle().recover(false, false);
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).level("s0:c7,c9").start();
    }

    @Test
    void the_level_of_any_running_process_is_taken() {
        host.kernel.processes().start(50, "system_u:system_r:container_t:s0:c1,c2");

        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).level("s0:c1,c2").isRefused(Problem.Kind.LEVEL_IN_USE);
    }

    /** libvirt runs swtpm at the domain's level before it calls its hook. */
    @Test
    void a_helper_that_libvirts_daemon_has_started_has_its_domains_level() {
        daemonStarts(70, "system_u:system_r:svirt_t:s0:c1,c2");
        ProcessIdentity hook = daemonStarts(60, "system_u:system_r:labeler_hook_t:s0");

        StartRequest request = host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .context("system_u:system_r:svirt_t:s0:c1,c2")
                .request()
                .by(StartedBy.LABELLING_LIBVIRT, new StartRequest.Hook(Optional.of(hook), false));

        assertThat(host.lifecycle().start(request)).isInstanceOf(StartOutcome.Started.class);
    }

    @Test
    void another_process_at_the_level_that_libvirt_chose_is_another_vm() {
        host.kernel.processes().start(70, "system_u:system_r:svirt_t:s0:c1,c2");
        host.kernel.processes().move(70, "/machine.slice/other.scope");
        ProcessIdentity hook = daemonStarts(60, "system_u:system_r:labeler_hook_t:s0");

        assertThat(refusedByHook(hook)).containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void a_helper_of_one_domain_keeps_its_level_from_the_next() {
        daemonStarts(70, "system_u:system_r:svirt_t:s0:c1,c2");
        daemonStarts(60, "system_u:system_r:labeler_hook_t:s0");

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).level("s0:c1,c2").isRefused(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void where_nobody_has_a_control_group_of_his_own_another_process_is_another_vm() {
        host.kernel.processes().start(70, "system_u:system_r:svirt_t:s0:c1,c2");
        host.kernel.processes().move(70, "/");
        ProcessIdentity hook = host.kernel.processes().start(60, "system_u:system_r:labeler_hook_t:s0");
        host.kernel.processes().move(60, "/");

        assertThat(refusedByHook(hook)).containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void what_the_daemon_started_long_ago_is_of_another_domain() {
        daemonStarts(70, "system_u:system_r:svirt_t:s0:c1,c2");
        host.kernel.processes().pass(Duration.ofMinutes(3));
        ProcessIdentity hook = daemonStarts(60, "system_u:system_r:labeler_hook_t:s0");

        assertThat(refusedByHook(hook)).containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void a_hook_that_has_ended_tells_of_no_helper() {
        daemonStarts(70, "system_u:system_r:svirt_t:s0:c1,c2");
        ProcessIdentity hook = daemonStarts(60, "system_u:system_r:labeler_hook_t:s0");
        host.kernel.processes().end(60);

        assertThat(refusedByHook(hook)).containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void nor_does_another_process_that_has_its_number_now() {
        daemonStarts(70, "system_u:system_r:svirt_t:s0:c1,c2");
        ProcessIdentity hook = daemonStarts(60, "system_u:system_r:labeler_hook_t:s0");
        daemonStarts(60, "system_u:system_r:labeler_hook_t:s0");

        assertThat(refusedByHook(hook)).containsExactly(Problem.Kind.LEVEL_IN_USE);
    }

    private ProcessIdentity daemonStarts(int pid, String context) {
        ProcessIdentity process = host.kernel.processes().start(pid, context);
        host.kernel.processes().move(pid, "/system.slice/libvirtd.service");
        return process;
    }

    private List<Problem.Kind> refusedByHook(ProcessIdentity hook) {
        StartRequest request = host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .context("system_u:system_r:svirt_t:s0:c1,c2")
                .request()
                .by(StartedBy.LABELLING_LIBVIRT, new StartRequest.Hook(Optional.of(hook), false));
        return host.lifecycle().start(request) instanceof StartOutcome.NotStarted(List<Problem> problems)
                ? problems.stream().map(Problem::kind).toList()
                : List.of();
    }

    @Test
    void a_file_with_the_level_of_another_tools_process_is_in_use() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2");
        host.kernel.setLabel("/vm/a", TestHost.IMAGE_TYPE + "s0:c1,c2");

        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).isRefused(Problem.Kind.IN_USE);
    }

    @Test
    void the_level_in_the_definition_is_used_and_one_without_a_pair_refused() {
        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .context("system_u:system_r:svirt_t:s0:c5,c6")
                        .start()
                        .processContext())
                .hasToString("system_u:system_r:svirt_t:s0:c5,c6");
        host.vm("two")
                .disk("/vm/b", ImageFormat.QCOW2)
                .context("system_u:system_r:svirt_t:s0")
                .isRefused(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void running_out_of_pairs_is_an_error(@TempDir Path other) throws IOException {
        try (TestHost small = new TestHost(other, CategoryRange.parse("c4.c6").orElseThrow())) {
            for (int i = 0; i < 3; i++) {
                small.raw("/vm/" + i);
                small.vm("vm" + i).disk("/vm/" + i, ImageFormat.RAW).start();
            }
            small.raw("/vm/3");

            small.vm("vm3").disk("/vm/3", ImageFormat.RAW).isRefused(Problem.Kind.NO_FREE_PAIR);
        }
    }

    @Test
    void a_process_with_a_few_categories_takes_each_pair_of_them() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2,c9");

        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).level("s0:c2,c9").isRefused(Problem.Kind.LEVEL_IN_USE);
    }

    @Test
    void a_clearance_takes_no_pair() {
        host.kernel.processes().start(50, "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .level("s0:c2,c9")
                        .start()
                        .level())
                .hasToString("s0:c2,c9");
    }

    @Test
    void the_level_that_the_vms_own_process_has_is_taken_over() {
        host.kernel.processes().start(50, "system_u:system_r:svirt_t:s0:c1,c2");

        assertThat(host.vm("one")
                        .disk("/vm/a", ImageFormat.QCOW2)
                        .pid(50)
                        .start()
                        .level())
                .hasToString("s0:c1,c2");
    }
}
