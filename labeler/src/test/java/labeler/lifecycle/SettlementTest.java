package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import labeler.chain.ImageFormat;
import labeler.linux.Errno;
import labeler.linux.fake.Faults;
import org.junit.jupiter.api.Test;

/** The handling of files that nobody holds any more, and of files that could not be restored at once. */
class SettlementTest extends HostTest {
    private List<FileReport> settle() {
        return host.lifecycle().recover(false, false).stale();
    }

    private void running(String name, String disk, int pid) {
        host.kernel.processes().start(pid, "u:r:t:s0");
        host.vm(name).disk(disk, ImageFormat.QCOW2).pid(pid).start();
    }

    @Test
    void what_a_stop_could_not_give_back_is_tried_again_while_the_process_lives() {
        running("one", "/vm/a", 77);
        host.kernel.faults().failAlways("openat2", "/vm/a", Errno.EACCES);
        host.kernel.faults().failAlways("open_by_handle_at", "/vm/a", Errno.EACCES);
        host.kernel.faults().failAlways("open_by_handle_at", "/x", Errno.EACCES);
        assertThat(host.stop("one").count(FileReport.Outcome.FAILED)).isEqualTo(1);

        assertThat(settle()).extracting(FileReport::outcome).contains(FileReport.Outcome.FAILED);
        host.kernel.faults().clear();
        assertThat(settle()).extracting(FileReport::outcome).contains(FileReport.Outcome.REVERTED);

        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.lifecycle().status()).hasSize(1);
        assertThat(settle()).isEmpty();
    }

    private void failForWantOfMemory() {
        host.kernel.faults().beforeNext("fsetxattr", () -> {
            throw new OutOfMemoryError("as a test wants it");
        });
    }

    @Test
    void an_error_about_one_file_ends_neither_its_vm_nor_what_is_done_for_others() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        failForWantOfMemory();
        VmReport stopped = host.stop("one");
        assertThat(stopped.count(FileReport.Outcome.FAILED)).isEqualTo(1);
        assertThat(stopped.count(FileReport.Outcome.REVERTED)).isEqualTo(1);
        assertThat(host.lifecycle().names()).isEmpty();

        failForWantOfMemory();
        assertThat(settle())
                .extracting(FileReport::outcome)
                .containsExactlyInAnyOrder(FileReport.Outcome.FAILED, FileReport.Outcome.REVERTED);
        assertThat(settle()).extracting(FileReport::outcome).containsExactly(FileReport.Outcome.REVERTED);
        assertThat(settle()).isEmpty();
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    /** Its VM has ended while the service was away. */
    @Test
    void a_header_for_which_there_is_no_memory_keeps_no_file_from_being_settled() throws IOException {
        running("one", "/vm/a", 77);

        host.restart(faults -> {
            host.kernel.processes().end(77);
            faults.beforeNext("pread", () -> {
                throw new OutOfMemoryError("as a test wants it");
            });
        });

        assertThat(host.lifecycle().names()).isEmpty();
        assertThat(host.recordedFiles()).isZero();
    }

    @Test
    void a_file_goes_back_though_other_hosts_could_not_be_told_at_first() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.beside.failNextLeave();
        assertThatThrownBy(() -> host.stop("one")).isInstanceOf(IllegalStateException.class);

        settle();

        assertThat(host.lifecycle().names()).isEmpty();
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        settle();
        assertThat(host.recordedFiles()).isZero();
    }

    /** The last file could not be labelled, and a fault kept the one before it from being given back. */
    @Test
    void a_start_that_failed_gives_all_its_files_back_though_one_could_not_be() {
        TestVm vm = host.vm("one");
        for (String path : List.of("/vm/first", "/vm/second", "/vm/third")) {
            host.raw(path);
            host.kernel.setLabel(path, TestHost.HOME);
            vm.disk(path, ImageFormat.RAW);
        }
        host.kernel.faults().failAlways("fsetxattr", "/vm/third", Errno.EIO);
        host.kernel
                .faults()
                .beforeNext(
                        "fsetxattr",
                        () -> host.kernel
                                .faults()
                                .beforeNext(
                                        "fsetxattr",
                                        () -> host.kernel.faults().beforeNext("fsetxattr", () -> {
                                            throw new IllegalStateException("as a test wants it");
                                        })));

        assertThat(vm.tryStart()).isInstanceOf(StartOutcome.NotStarted.class);

        assertThat(host.label("/vm/first")).isEqualTo(TestHost.HOME);
        assertThat(settle()).extracting(FileReport::outcome).contains(FileReport.Outcome.REVERTED);
        assertThat(host.label("/vm/second")).isEqualTo(TestHost.HOME);
        settle();
        assertThat(host.recordedFiles()).isZero();
    }

    @Test
    void a_base_whose_holders_are_all_stopped_goes_back_though_their_processes_live() {
        running("one", "/vm/a", 77);
        running("two", "/vm/b", 78);
        host.stop("one");
        host.stop("two");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);

        settle();

        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_path_that_cannot_be_used_does_not_hide_a_file_from_its_handle() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.faults().failAlways("openat2", "/vm/a", Errno.EACCES);

        assertThat(host.stop("one").count(FileReport.Outcome.REVERTED)).isEqualTo(2);

        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_label_is_written_anew_after_a_sync_that_failed() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.stop("one");
        host.kernel.faults().failOn("syncfs", 1, Errno.EIO);
        settle();
        assertThat(host.recordedFiles()).isEqualTo(2);
        host.kernel.faults().clear();
        host.kernel.faults().forgetCalls();

        settle();

        // The next sync succeeds, even if the data of the failed one is lost.
        assertThat(host.kernel.faults().calls().stream()
                        .filter(Faults.Call::changes)
                        .map(call -> call.name() + " " + call.subject()))
                .containsSubsequence("fsetxattr /vm/a", "fremovexattr /vm/a", "syncfs /vm/a")
                .containsSubsequence("fsetxattr /vm/base", "fsetxattr /vm/base", "syncfs /vm/a");
        assertThat(host.label("/vm/a")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        assertThat(host.recordedFiles()).isZero();
        host.kernel.faults().forgetCalls();
        settle();
        assertThat(host.kernel.faults().changes()).isZero();
    }

    @Test
    void a_file_system_is_open_before_its_files_are_written() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.kernel.faults().failAlways("fremovexattr", "/vm/a", Errno.EIO);
        host.stop("one");
        host.kernel.faults().clear();
        host.kernel.faults().forgetCalls();

        settle();

        assertThat(host.kernel.faults().calls().stream().map(call -> call.name() + " " + call.subject()))
                .containsSubsequence("openat2 /vm/a", "openat2 /vm/a", "fremovexattr /vm/a", "syncfs /vm/a");
    }

    @Test
    void one_file_system_that_cannot_be_written_does_not_keep_the_files_of_others() {
        host.kernel.mount("/other");
        host.raw("/other/disk");
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.vm("two").disk("/other/disk", ImageFormat.RAW).start();
        host.stop("one");
        host.stop("two");
        host.kernel.faults().failAlways("syncfs", "/other/disk", Errno.EIO);

        settle();

        assertThat(host.recordedFiles()).isEqualTo(1);
    }
}
