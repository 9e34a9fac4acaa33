package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.selinux.Permission;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernel's decisions about labelled files. */
class KernelCheckTest extends HostTest {
    private static final VmName ONE = new VmName("one");

    @BeforeEach
    void enforce() throws IOException {
        host.enforce();
    }

    @Test
    void a_policy_that_agrees_lets_vms_start_and_verify() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        assertThat(host.lifecycle().verify(ONE).orElseThrow().problems()).isEmpty();
    }

    @Test
    void where_every_vm_may_open_what_is_handed_over_the_start_and_each_verification_say_so() {
        host.kernel.mount("/nfs").withoutOption("seclabel");
        host.raw("/nfs/disk");
        host.kernel.setLabel("/nfs/disk", "system_u:object_r:nfs_t:s0");
        host.kernel.processes().start(77);
        host.policy.opensNfs(true);

        VmView vm = host.vm("one").handedOver("/nfs/disk").pid(77).run().start();

        assertThat(vm.warnings())
                .extracting(Problem::message)
                .anyMatch(message -> message.contains("virt_use_nfs off"));
        assertThat(verified()).anyMatch(message -> message.contains("virt_use_nfs off"));
        host.policy.opensNfs(false);
        assertThat(verified()).noneMatch(message -> message.contains("virt_use_nfs"));
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    private List<String> verified() {
        return host.lifecycle().verify(ONE).orElseThrow().problems().stream()
                .map(Problem::message)
                .toList();
    }

    @Test
    void a_start_whose_files_the_policy_denies_is_taken_back() {
        host.policy.lacks("virt_content_t");

        assertThat(host.vm("one").disk("/vm/a", ImageFormat.QCOW2).refusal())
                .allSatisfy(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.KERNEL_DISAGREES))
                .anySatisfy(problem -> assertThat(problem.message()).contains("virt_content_t"));
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_policy_in_which_levels_mean_nothing_starts_no_second_vm() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.policy.ignoreLevels();

        assertThat(host.vm("two").disk("/vm/b", ImageFormat.QCOW2).refusal()).anySatisfy(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.NO_WALL);
            assertThat(problem.message()).contains("does not keep", "semanage permissive -d svirt_t");
        });
    }

    /** Fedora's constraint on categories names read, write and append, and neither open nor getattr. */
    @Test
    void a_neighbour_that_may_exactly_open_and_look_is_accepted() {
        host.policy.leavesUnconstrained(Permission.OPEN, Permission.GETATTR);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        assertThat(host.lifecycle().verify(ONE).orElseThrow().problems()).isEmpty();
        assertThat(matrix(Optional.of(ONE)).access().getFirst())
                .containsExactly(Matrix.Reach.READ_WRITE, Matrix.Reach.READ, Matrix.Reach.NONE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Permission.class,
            names = {"READ", "WRITE", "APPEND"})
    void a_neighbour_that_may_do_more_is_refused(Permission more) {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        host.policy.leavesUnconstrained(Permission.OPEN, Permission.GETATTR, more);
        host.raw("/vm/c");

        host.vm("three").disk("/vm/c", ImageFormat.RAW).isRefused(Problem.Kind.NO_WALL);
        assertThat(verified())
                .anySatisfy(
                        message -> assertThat(message).contains("would let", " " + more.word() + " a disk of VM two"));
    }

    @Test
    void a_disk_that_every_vm_may_open_at_rest_is_named_at_its_start() {
        host.policy.readsAtRest("virt_image_t");
        resting("/vm/idle", "system_u:object_r:virt_image_t:s0");

        assertThat(atRest(host.vm("one").disk("/vm/idle", ImageFormat.RAW).start()))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.file().orElseThrow()).hasToString("/vm/idle");
                    assertThat(problem.message())
                            .contains("system_u:object_r:virt_image_t:s0", "semanage fcontext", "-r s0:c0.c1023");
                });
    }

    @Test
    void disks_that_rest_at_one_label_are_one_warning() {
        host.policy.readsAtRest("virt_image_t");
        resting("/vm/idle", "system_u:object_r:virt_image_t:s0");
        resting("/vm/other", "system_u:object_r:virt_image_t:s0");

        assertThat(atRest(host.vm("one")
                        .disk("/vm/idle", ImageFormat.RAW)
                        .disk("/vm/other", ImageFormat.RAW)
                        .start()))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("1 more"));
    }

    @Test
    void a_disk_that_no_vm_may_open_at_rest_is_not_named() {
        host.policy.readsAtRest("virt_image_t");
        resting("/vm/way-out", "system_u:object_r:virt_image_t:s0:c0.c1023");
        resting("/vm/home", TestHost.HOME);

        assertThat(atRest(host.vm("one")
                        .disk("/vm/way-out", ImageFormat.RAW)
                        .disk("/vm/home", ImageFormat.RAW)
                        .start()))
                .isEmpty();
    }

    /** Every VM may read a base even while one VM has it: bases are made for this. */
    @Test
    void a_base_that_every_vm_may_read_at_rest_is_not_named() {
        host.policy.readsAtRest("virt_image_t");
        host.kernel.setLabel("/vm/base", "system_u:object_r:virt_image_t:s0");

        assertThat(atRest(host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start()))
                .isEmpty();
    }

    private void resting(String path, String label) {
        host.raw(path);
        host.kernel.setLabel(path, label);
    }

    private static List<Problem> atRest(VmView vm) {
        return vm.warnings().stream()
                .filter(problem -> problem.message().contains("at rest"))
                .toList();
    }

    @Test
    void a_verification_finds_a_policy_that_changed_and_a_label_that_denies() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        host.kernel.setLabel("/vm/a", TestHost.HOME);

        assertThat(host.lifecycle().verify(ONE).orElseThrow().problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.file().orElseThrow()).hasToString("/vm/a"));
        host.policy.ignoreLevels();
        assertThat(host.lifecycle().verify(ONE).orElseThrow().problems()).hasSize(3);
    }

    @Test
    void the_matrix_shows_each_vm_its_own_disk_and_the_common_base() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        Matrix matrix = matrix(Optional.empty());

        assertThat(matrix.files())
                .extracting(column -> column.path().toString())
                .containsExactly("/vm/a", "/vm/base", "/vm/b");
        assertThat(matrix.access())
                .containsExactly(
                        List.of(Matrix.Reach.READ_WRITE, Matrix.Reach.READ, Matrix.Reach.NONE),
                        List.of(Matrix.Reach.NONE, Matrix.Reach.READ, Matrix.Reach.READ_WRITE));
        assertThat(matrix(Optional.of(ONE)).access()).hasSize(1);
    }

    @Test
    void the_matrix_shows_the_label_on_disk_and_not_the_one_on_record() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.setLabel("/vm/a", TestHost.HOME);

        assertThat(matrix(Optional.empty()).access().getFirst()).startsWith(Matrix.Reach.NONE);
    }

    /** One file of any VM that cannot be read spoils the picture of all, and not that of another VM. */
    @Test
    void the_matrix_of_a_vms_own_files_looks_at_no_others() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        host.kernel.faults().failAlways("fgetxattr", "/vm/b", Errno.EIO);

        assertThat(host.lifecycle().matrix(Optional.of(ONE))).isInstanceOf(MatrixOutcome.NotShown.class);
        Matrix own = shown(host.lifecycle().ownMatrix(ONE));
        assertThat(own.files())
                .extracting(Matrix.Column::path)
                .containsExactly(HostPath.of("/vm/a"), HostPath.of("/vm/base"));
        assertThat(own.vms()).extracting(Matrix.Row::vm).containsExactly(ONE);
        host.kernel.faults().clear();
    }

    private Matrix matrix(Optional<VmName> name) {
        return shown(host.lifecycle().matrix(name));
    }

    private static Matrix shown(MatrixOutcome outcome) {
        return switch (outcome) {
            case MatrixOutcome.Shown(Matrix matrix) -> matrix;
            case MatrixOutcome.NotShown(Problem problem) -> throw new AssertionError(problem);
        };
    }
}
