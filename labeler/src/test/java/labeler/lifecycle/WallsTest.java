package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.start.LaunchWatch;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reported confinement of a VM on a host whose kernel enforces SELinux. */
class WallsTest extends HostTest {
    private static final String CONFINED = "system_u:system_r:svirt_t:s0:c1,c2";
    private static final String UNCONFINED = "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023";
    private static final VmName ONE = new VmName("one");

    @BeforeEach
    void enforce() throws IOException {
        host.enforce();
    }

    @Test
    void a_process_at_its_context_is_walled_in() {
        host.kernel.processes().start(50, CONFINED);

        VmView vm = host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(50).start();

        assertThat(vm.walls()).containsExactly(Wall.SELINUX);
        assertThat(host.lifecycle().status(ONE).orElseThrow().walls()).containsExactly(Wall.SELINUX);
    }

    @Test
    void a_process_at_another_context_is_refused_with_the_way_out() {
        host.kernel.processes().start(50, UNCONFINED);

        host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .pid(50)
                .isRefusedWith(Problem.Kind.NO_WALL, "unconfined_t", "svirt_t", "labeler run");
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void where_nothing_enforces_labels_a_plan_for_run_counts_landlock_and_another_plan_has_no_wall()
            throws IOException {
        host.setEnforcing(false);
        TestVm one = host.vm("one").qemu("-drive", "file=/vm/a,format=qcow2,if=none");

        assertThat(planned(one).problems()).extracting(Problem::kind).containsExactly(Problem.Kind.NO_WALL);
        VmView ofRun = planned(one.run());
        assertThat(ofRun.problems()).isEmpty();
        assertThat(ofRun.walls()).containsExactly(Wall.LANDLOCK);
    }

    @Test
    void where_landlock_is_switched_off_as_well_a_run_is_told_so_and_not_to_use_run() throws IOException {
        host.switchLandlockOff();
        host.setEnforcing(false);

        VmView ofRun = planned(
                host.vm("one").qemu("-drive", "file=/vm/a,format=qcow2,if=none").run());

        assertThat(ofRun.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.NO_WALL);
            assertThat(problem.message())
                    .contains("SELinux", "switch Landlock off", "set launch.landlock to auto")
                    .doesNotContain("labeler run,");
        });
    }

    @Test
    void a_plan_for_run_has_the_problems_that_its_guard_would_have() {
        host.kernel.processes().start(50);
        TestVm one = host.vm("one")
                .qemu("-drive", "file=/vm/a,format=qcow2,if=none", "-monitor", "stdio")
                .run();
        List<Problem> planned = planned(one).problems();

        assertThat(planned).isNotEmpty().isEqualTo(one.pid(50).refusal());
    }

    private VmView planned(TestVm vm) {
        return switch (host.lifecycle().plan(vm.request())) {
            case PlanOutcome.Planned(VmView view) -> view;
            case PlanOutcome.NotPlanned(List<Problem> problems) -> throw new AssertionError(problems);
        };
    }

    @Test
    void a_process_that_is_to_become_qemu_has_the_wall_once_it_has() {
        host.kernel.processes().start(50, UNCONFINED);

        VmView vm = host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .level("s0:c1,c2")
                .pid(50)
                .run()
                .start();

        assertThat(vm.walls()).isEqualTo(Set.of(Wall.SELINUX, Wall.LANDLOCK));
        assertThat(vm.runtimeDirectory().orElseThrow()).isDirectory();
        assertThat(host.runtimeLevels).containsExactly("s0:c1,c2");
        assertThat(host.lifecycle().status(ONE).orElseThrow().walls()).containsExactly(Wall.LANDLOCK);
        host.kernel.processes().become(50, CONFINED);
        assertThat(host.lifecycle().status(ONE).orElseThrow().walls()).isEqualTo(Set.of(Wall.SELINUX, Wall.LANDLOCK));
    }

    @Test
    void what_an_old_landlock_leaves_open_is_said_at_the_start_and_by_status() {
        host.kernel.exec().setLandlockVersion(2);
        host.kernel.processes().start(50, UNCONFINED);

        VmView vm =
                host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(50).run().start();

        assertThat(vm.walls()).contains(Wall.LANDLOCK);
        for (VmView view : List.of(vm, host.lifecycle().status(ONE).orElseThrow())) {
            assertThat(view.warnings())
                    .extracting(Problem::message)
                    .satisfiesExactly(
                            truncating -> assertThat(truncating).contains("version 2", "truncate", "6.2"),
                            devices -> assertThat(devices).contains("version 2", "ioctl", "6.10"));
        }
    }

    @Test
    void a_landlock_that_restricts_all_has_no_warning() {
        host.kernel.exec().setLandlockVersion(5);
        host.kernel.processes().start(50, UNCONFINED);

        assertThat(one().run().start().warnings()).isEmpty();
    }

    @Test
    void a_vm_without_landlock_has_no_warning_about_it() {
        host.kernel.exec().setLandlockVersion(2);
        host.kernel.processes().start(50, CONFINED);

        assertThat(one().start().warnings()).isEmpty();
    }

    private TestVm one() {
        return host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(50);
    }

    @Test
    void a_process_that_becomes_something_at_another_context_is_ended_and_its_labels_go_back() throws LinuxException {
        host.kernel.processes().start(50, UNCONFINED);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(50).run().start();

        host.kernel.processes().become(50, "system_u:system_r:svirt_t:s0:c8,c9");

        eventually(() -> host.lifecycle().status().isEmpty());
        assertThat(host.kernel.linux().processes().identify(new Pid(50))).isEmpty();
        assertThat(host.label("/vm/a")).isEqualTo("none");
        // The directory's content is moved away, and deleted without any lock.
        eventually(() -> isEmpty(state.resolve("vms")));
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> names = Files.list(directory)) {
            return names.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_process_that_becomes_what_it_should_is_left_alone() throws LinuxException {
        launched();

        host.kernel.processes().become(50, CONFINED);

        eventually(() -> {
            host.kernel.faults().forgetCalls();
            sleep(5 * LaunchWatch.PERIOD_MILLIS);
            return looks() == 0;
        });
        assertThat(host.kernel.linux().processes().identify(new Pid(50))).isPresent();
        assertThat(host.label("/vm/a")).isEqualTo(TestHost.IMAGE_TYPE + "s0:c1,c2");
    }

    @Test
    void a_process_whose_context_cannot_be_read_is_looked_at_again() {
        launched();
        host.kernel.faults().failOn("attr/current", 1, Errno.EMFILE);
        host.kernel.processes().become(50, "system_u:system_r:svirt_t:s0:c8,c9");

        eventually(() -> host.lifecycle().status().isEmpty());
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_launch_that_the_last_service_did_not_see_is_looked_after_by_the_next() throws IOException {
        launched();
        host.restart();

        host.kernel.processes().become(50, "system_u:system_r:svirt_t:s0:c8,c9");

        eventually(() -> host.lifecycle().status().isEmpty());
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_vm_that_was_started_while_selinux_was_permissive_is_left_alone_by_the_next_service() throws IOException {
        host.setEnforcing(false);
        host.kernel.processes().start(50, UNCONFINED);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(50).run().start();
        host.setEnforcing(true);
        host.restart();
        host.kernel.processes().become(50, "unconfined_u:unconfined_r:unconfined_t:s0:c3");

        // The watch has made its round once it has ended this one. Its start looks at every process.
        host.kernel.processes().start(60, UNCONFINED);
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).pid(60).run().start();
        host.kernel.faults().forgetCalls();
        host.kernel.processes().become(60, "system_u:system_r:svirt_t:s0:c8,c9");
        eventually(() -> host.lifecycle().status(new VmName("two")).isEmpty());

        assertThat(looks()).isZero();
        assertThat(host.lifecycle().status(ONE)).isPresent();
    }

    @Test
    void a_process_that_could_not_be_ended_is_ended_later() {
        launched();
        host.kernel.faults().failOn("pidfd_send_signal", 1, Errno.EPERM);

        host.kernel.processes().become(50, "system_u:system_r:svirt_t:s0:c8,c9");

        eventually(() -> host.lifecycle().status().isEmpty());
    }

    @Test
    void a_start_whose_levels_in_use_cannot_be_told_is_refused() {
        host.kernel.processes().start(50, CONFINED);
        host.kernel.faults().failAlways("attr/current", "50", Errno.EMFILE);

        assertThat(host.vm("one").disk("/vm/a", ImageFormat.QCOW2).refusal()).isNotEmpty();
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    /** VM one, whose process is not qemu yet. */
    private VmView launched() {
        host.kernel.processes().start(50, UNCONFINED);
        return host.vm("one")
                .disk("/vm/a", ImageFormat.QCOW2)
                .level("s0:c1,c2")
                .pid(50)
                .run()
                .start();
    }

    /** The number of questions about the context of the VM's process. */
    private long looks() {
        return host.kernel.faults().calls().stream()
                .filter(call ->
                        call.name().equals("attr/current") && call.subject().equals("50"))
                .count();
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void selinux_is_no_wall_around_a_domain_that_the_policy_lets_do_everything() {
        host.kernel.processes().start(50, CONFINED);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(50).start();
        host.policy.ignoreLevels();

        assertThat(host.lifecycle().status(ONE).orElseThrow().walls()).isEmpty();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).isRefusedWith(Problem.Kind.NO_WALL, "labeler run");
    }

    @Test
    void there_a_run_without_landlock_is_told_to_switch_it_on() throws IOException {
        host.switchLandlockOff();
        host.policy.ignoreLevels();

        VmView ofRun = planned(
                host.vm("one").qemu("-drive", "file=/vm/a,format=qcow2,if=none").run());

        assertThat(ofRun.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains("the policy does not keep", "set launch.landlock to auto")
                        .doesNotContain("labeler run"));
    }

    @Test
    void a_vm_with_no_known_process_is_taken_to_run_where_it_should() throws LinuxException {
        assertThat(host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start().walls())
                .containsExactly(Wall.SELINUX);
    }

    @Test
    void a_qemu_of_roots_behind_landlock_alone_is_warned_of_and_one_that_changes_its_user_is_not() {
        Set<Wall> landlock = Set.of(Wall.LANDLOCK);
        assertThat(Confinement.warnings(ofRoot("-m", "64"), landlock))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.kind()).isEqualTo(Problem.Kind.WALL_INCOMPLETE);
                    assertThat(problem.message()).contains("-run-with user=");
                });
        assertThat(Confinement.warnings(ofRoot("-run-with", "chroot=/x"), landlock))
                .hasSize(1);
        assertThat(Confinement.warnings(ofRoot("-run-with", "async-teardown=on,user=qemu"), landlock))
                .isEmpty();
        assertThat(Confinement.warnings(ofRoot("--runas", "qemu"), landlock)).isEmpty();
        assertThat(Confinement.warnings(ofRoot("-m", "64"), Set.of(Wall.LANDLOCK, Wall.SELINUX)))
                .isEmpty();
        assertThat(Confinement.warnings(
                        host.vm("one").qemu("-m", "64").by(1001).run().request(), landlock))
                .isEmpty();
        assertThat(Confinement.warnings(host.vm("one").qemu("-m", "64").request(), landlock))
                .isEmpty();
    }

    private StartRequest ofRoot(String... options) {
        return host.vm("one").qemu(options).run().request();
    }
}
