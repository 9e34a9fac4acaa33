package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.lifecycle.Matrix.Reach;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** Which VM can reach which file on a host where SELinux does not enforce: Landlock and the record answer. */
class MatrixWithoutSelinuxTest extends HostTest {
    @Test
    void a_vm_of_run_reaches_what_it_holds_and_of_others_nothing() {
        run("one", 77, "/vm/a");
        run("two", 78, "/vm/b");

        Matrix matrix = matrix();

        assertThat(matrix.files())
                .extracting(file -> file.path().printable())
                .containsExactly("/vm/a", "/vm/base", "/vm/b");
        assertThat(matrix.access())
                .containsExactly(
                        List.of(Reach.READ_WRITE, Reach.READ, Reach.NONE),
                        List.of(Reach.NONE, Reach.READ, Reach.READ_WRITE));
        assertThat(matrix.vms()).extracting(Matrix.Row::decidedBy).containsOnly(Optional.of(Matrix.Decider.LANDLOCK));
        end(77, 78);
    }

    @Test
    void a_file_below_the_system_directories_is_readable_for_every_vm_of_run() {
        host.raw("/usr/share/firmware");
        host.kernel.processes().start(77);
        host.vm("one")
                .file("/usr/share/firmware", FileRole.FIRMWARE, UseAccess.READ_WRITE)
                .pid(77)
                .run()
                .start();
        run("two", 78, "/vm/b");

        assertThat(of(matrix(), "two", "/usr/share/firmware")).isEqualTo(Reach.READ);
        assertThat(of(matrix(), "one", "/usr/share/firmware")).isEqualTo(Reach.READ_WRITE);
        end(77, 78);
    }

    @Test
    void a_vm_that_nothing_confines_reaches_everything_and_is_shown_as_open() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        run("two", 78, "/vm/b");

        Matrix matrix = matrix();

        assertThat(of(matrix, "one", "/vm/b")).isEqualTo(Reach.READ_WRITE);
        assertThat(of(matrix, "two", "/vm/a")).isEqualTo(Reach.NONE);
        assertThat(matrix.isOpen(0)).isTrue();
        assertThat(matrix.isOpen(1)).isFalse();
        end(78);
    }

    @Test
    void a_vm_reaches_all_files_where_it_makes_nameless_ones_and_all_terminals() {
        host.raw("/var/tmp/read");
        host.raw("/dev/pts/7");
        host.kernel.processes().start(77);
        host.vm("one")
                .qemu("-object", "memory-backend-file,id=m,size=1M,mem-path=/var/tmp", "-serial", "pty")
                .readOnlyDisk("/var/tmp/read", ImageFormat.RAW)
                .pid(77)
                .run()
                .start();
        host.kernel.processes().start(78);
        host.vm("two")
                .file("/dev/pts/7", FileRole.DISK, UseAccess.READ_WRITE)
                .pid(78)
                .run()
                .start();

        Matrix matrix = matrix();

        assertThat(of(matrix, "one", "/var/tmp/read")).isEqualTo(Reach.READ_WRITE);
        assertThat(of(matrix, "one", "/dev/pts/7")).isEqualTo(Reach.READ_WRITE);
        assertThat(of(matrix, "two", "/var/tmp/read")).isEqualTo(Reach.NONE);
        end(77, 78);
    }

    @Test
    void where_selinux_is_permissive_it_decides_nothing() throws IOException {
        host.setEnforcing(false);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        run("two", 78, "/vm/b");

        Matrix matrix = matrix();

        assertThat(matrix.vms())
                .extracting(Matrix.Row::decidedBy)
                .containsExactly(Optional.of(Matrix.Decider.NOTHING), Optional.of(Matrix.Decider.LANDLOCK));
        assertThat(of(matrix, "one", "/vm/b")).isEqualTo(Reach.READ_WRITE);
        assertThat(of(matrix, "two", "/vm/a")).isEqualTo(Reach.NONE);
        end(78);
    }

    private void run(String name, int pid, String disk) {
        host.kernel.processes().start(pid);
        host.vm(name).disk(disk, ImageFormat.QCOW2).pid(pid).run().start();
    }

    private void end(int... pids) {
        for (int pid : pids) {
            host.kernel.processes().end(pid);
        }
        eventually(() ->
                host.lifecycle().status().stream().noneMatch(vm -> vm.pid().isPresent()));
    }

    private Matrix matrix() {
        return switch (host.lifecycle().matrix(Optional.empty())) {
            case MatrixOutcome.Shown(Matrix matrix) -> matrix;
            case MatrixOutcome.NotShown(Problem problem) -> throw new AssertionError(problem);
        };
    }

    private static Reach of(Matrix matrix, String vm, String file) {
        int row = matrix.vms().stream().map(Matrix.Row::vm).toList().indexOf(new VmName(vm));
        int column = matrix.files().stream().map(Matrix.Column::path).toList().indexOf(HostPath.of(file));
        return matrix.access(row, column);
    }
}
