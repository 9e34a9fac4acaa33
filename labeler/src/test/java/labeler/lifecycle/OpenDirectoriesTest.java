package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Behind Landlock alone, a directory in which qemu makes nameless files is open to it as a whole. */
class OpenDirectoriesTest extends HostTest {
    private static final String[] IN_SHARED_MEMORY = {"-object", "memory-backend-shm,id=m,size=1M"};

    OpenDirectoriesTest() {}

    @BeforeEach
    void aFileInSharedMemory() {
        host.raw("/dev/shm/disk");
        host.kernel.processes().start(77);
        host.kernel.processes().start(78);
    }

    @AfterEach
    void theProcessesEnd() {
        host.kernel.processes().end(77);
        host.kernel.processes().end(78);
        eventually(() ->
                host.lifecycle().status().stream().noneMatch(vm -> vm.pid().isPresent()));
    }

    private TestVm one(String... options) {
        return host.vm("one").qemu(options).pid(77).run();
    }

    private TestVm two(String path) {
        return host.vm("two")
                .file(path, FileRole.DISK, UseAccess.READ_WRITE)
                .pid(78)
                .run();
    }

    private static void inTheWay(TestVm vm, String file, String... words) {
        assertThat(vm.refusal()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.IN_USE);
            assertThat(problem.file()).isEqualTo(Optional.of(HostPath.of(file)));
            assertThat(problem.message()).contains(words);
        });
    }

    @Test
    void a_vm_that_makes_files_beside_another_vms_file_does_not_start() {
        two("/dev/shm/disk").start();

        inTheWay(one(IN_SHARED_MEMORY), "/dev/shm", "VM two", "/dev/shm/disk");
    }

    @Test
    void a_file_in_a_directory_where_another_vm_makes_files_is_refused() {
        one(IN_SHARED_MEMORY).start();

        inTheWay(two("/dev/shm/disk"), "/dev/shm/disk", "VM one", "/dev/shm");
    }

    /** libvirt's qemus have files with names there. */
    @Test
    void a_directory_of_a_vm_that_landlock_does_not_confine_is_as_a_file() {
        host.kernel.directory("/dev/shm/pool");
        TestVm two = host.vm("two")
                .qemu("-object", "memory-backend-file,id=m,size=1M,mem-path=/dev/shm/pool")
                .pid(78);
        two.start();

        inTheWay(one(IN_SHARED_MEMORY), "/dev/shm", "VM two", "/dev/shm/pool");
    }

    @Test
    void memory_in_the_directory_of_the_images_by_another_name_is_refused() {
        host.kernel.symbolicLink("/pages", "/vm");
        host.vm("two").disk("/vm/a", ImageFormat.QCOW2).pid(78).run().start();

        inTheWay(one("-object", "memory-backend-file,id=m,size=1M,mem-path=/pages"), "/vm", "VM two");
    }

    @Test
    void two_vms_make_nameless_files_in_one_directory() {
        one(IN_SHARED_MEMORY).start();

        host.vm("two").qemu(IN_SHARED_MEMORY).pid(78).run().start();
    }

    @Test
    void a_vm_has_its_own_file_there() {
        one("-object", "memory-backend-shm,id=m,size=1M", "-drive", "format=raw,file=/dev/shm/disk")
                .start();
    }

    @Test
    void beside_labels_that_the_kernel_enforces_both_start() throws IOException {
        host.enforce();
        two("/dev/shm/disk").start();

        one(IN_SHARED_MEMORY).start();
    }
}
