package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.chain.ImageFormat;
import labeler.linux.DeviceNumber;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's decisions about device nodes and FIFOs, which a policy makes apart from those about files. */
class KernelCheckNodesTest extends HostTest {
    private static final VmName ONE = new VmName("one");

    @BeforeEach
    void enforce() throws IOException {
        host.enforce();
    }

    @Test
    void a_node_that_is_left_and_that_the_policy_denies_to_vms_is_a_warning() throws IOException {
        device("hwrng", 10, 183, "misc");
        host.kernel.setLabel("/dev/hwrng", "system_u:object_r:random_device_t:s0");

        VmView vm = host.vm("one")
                .file("/dev/hwrng", FileRole.RANDOM_SOURCE, UseAccess.READ_ONLY)
                .start();

        assertThat(vm.warnings()).singleElement().satisfies(warning -> {
            assertThat(warning.file()).contains(HostPath.of("/dev/hwrng"));
            assertThat(warning.message()).contains("would not let", "random_device_t");
        });
    }

    /** Fedora's constraint on block devices leaves out append, and the kernel writes anywhere through such a descriptor. */
    @Test
    void no_vm_starts_beside_one_whose_block_device_it_may_append_to() {
        host.policy.leavesUnconstrained(Permission.OPEN, Permission.GETATTR);
        host.policy.leavesUnconstrained(ObjectClass.BLOCK_FILE, Permission.OPEN, Permission.APPEND);
        host.kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        host.vm("one").disk("/dev/dm-3", ImageFormat.RAW).start();

        host.vm("two")
                .disk("/vm/b", ImageFormat.QCOW2)
                .isRefusedWith(
                        Problem.Kind.KERNEL_DISAGREES, "append", "a block device of VM one", "labeler policy install");
        assertThat(host.label("/vm/b")).isEqualTo("none");
    }

    @Test
    void no_vm_with_a_block_device_starts_beside_one_that_may_append_to_it() {
        host.policy.leavesUnconstrained(ObjectClass.BLOCK_FILE, Permission.OPEN, Permission.APPEND);
        host.kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        host.vm("two").disk("/dev/dm-3", ImageFormat.RAW).isRefusedWith("append", "a block device of VM two");
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        assertThat(verified()).isEmpty();
    }

    /** The service that put it on record is gone, and a record has no kind of file. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_verification_names_the_block_device_that_others_may_append_to(boolean isRestarted) throws IOException {
        host.kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        host.vm("one").disk("/dev/dm-3", ImageFormat.RAW).start();
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        if (isRestarted) {
            host.restart();
        }
        host.policy.leavesUnconstrained(ObjectClass.BLOCK_FILE, Permission.APPEND);

        assertThat(verified()).singleElement().asString().contains("would let", " append ", "a block device of VM one");
        assertThat(host.vm("three").disk("/vm/a", ImageFormat.QCOW2).refusal()).hasSize(1);
    }

    /** Memory and images are regular files, and no node is opened on these mounts. */
    @ParameterizedTest
    @ValueSource(strings = {"/dev/shm/m", "/dev/hugepages/m", "/dev/hugepages1G/m", "/dev/mqueue/m"})
    void a_file_of_memory_counts_as_no_device_after_a_restart(String memory) throws IOException {
        host.policy.leavesUnconstrained(ObjectClass.BLOCK_FILE, Permission.APPEND);
        host.raw(memory);
        host.vm("one").disk(memory, ImageFormat.RAW).start();
        host.restart();

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        assertThat(verified()).isEmpty();
    }

    /** One VM stands for all where all have the same kinds of file. */
    @Test
    void the_one_vm_with_a_block_device_is_asked_about_among_many() {
        host.policy.leavesUnconstrained(ObjectClass.BLOCK_FILE, Permission.APPEND);
        host.kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        host.vm("zz").disk("/dev/dm-3", ImageFormat.RAW).start();
        host.policy.leavesUnconstrained(ObjectClass.BLOCK_FILE, Permission.GETATTR);
        for (int i = 0; i < 20; i++) {
            host.raw("/vm/many" + i);
            host.vm("many" + i).disk("/vm/many" + i, ImageFormat.RAW).start();
        }
        host.policy.leavesUnconstrained(ObjectClass.BLOCK_FILE, Permission.APPEND);

        host.vm("last").disk("/vm/a", ImageFormat.QCOW2).isRefusedWith("a block device of VM zz");
    }

    @Test
    void a_device_of_the_host_that_others_may_append_to_is_asked_about_as_one() throws IOException {
        host.policy.leavesUnconstrained(ObjectClass.CHARACTER_FILE, Permission.APPEND);
        device("hidraw0", 242, 0, "hidraw");
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();

        host.vm("two")
                .file("/dev/hidraw0", FileRole.HOST_DEVICE, UseAccess.READ_WRITE)
                .isRefusedWith("append", "a character device of VM two");
    }

    /** Fedora constrains open alone there, and nothing but its name leads to a FIFO. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_fifo_that_others_may_not_open_is_out_of_their_reach(boolean mayOpen) {
        if (mayOpen) {
            host.policy.leavesUnconstrained(
                    ObjectClass.FIFO_FILE, Permission.OPEN, Permission.READ, Permission.WRITE, Permission.APPEND);
        } else {
            host.policy.leavesUnconstrained(
                    ObjectClass.FIFO_FILE, Permission.READ, Permission.WRITE, Permission.APPEND);
        }
        host.kernel.fifo("/vm/pipe");
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        TestVm two = host.vm("two").file("/vm/pipe", FileRole.CHARACTER_DEVICE, UseAccess.READ_WRITE);

        if (mayOpen) {
            two.isRefusedWith("a FIFO of VM two");
        } else {
            two.start();
        }
    }

    @Test
    void a_block_device_that_every_vm_may_open_at_rest_is_named_with_its_own_way_out() {
        host.policy.readsAtRest("fixed_disk_device_t", ObjectClass.BLOCK_FILE);
        host.kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        host.kernel.setLabel("/dev/dm-3", "system_u:object_r:fixed_disk_device_t:s0");
        host.raw("/vm/c");
        host.kernel.setLabel("/vm/c", "system_u:object_r:fixed_disk_device_t:s0");

        VmView vm = host.vm("one")
                .disk("/dev/dm-3", ImageFormat.RAW)
                .disk("/vm/c", ImageFormat.RAW)
                .start();

        assertThat(vm.warnings())
                .filteredOn(problem -> problem.message().contains("at rest"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.file().orElseThrow()).hasToString("/dev/dm-3");
                    assertThat(problem.message())
                            .contains("SECLABEL{selinux}=\"system_u:object_r:fixed_disk_device_t:s0:c0.c1023\"")
                            .doesNotContain("DIRECTORY");
                });
    }

    private List<String> verified() {
        return host.lifecycle().verify(ONE).orElseThrow().problems().stream()
                .map(Problem::message)
                .toList();
    }

    /** A character device, as its sysfs shows it. */
    private void device(String name, int major, int minor, String subsystem) throws IOException {
        host.kernel.characterDevice("/dev/" + name, DeviceNumber.of(major, minor));
        Path directory = Files.createDirectories(host.sysfs().resolve("dev/char/" + major + ":" + minor));
        Files.writeString(directory.resolve("uevent"), "DEVNAME=" + name + "\n");
        Files.createSymbolicLink(directory.resolve("subsystem"), Path.of("../../../class/" + subsystem));
    }
}
