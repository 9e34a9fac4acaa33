package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import labeler.chain.ImageFormat;
import labeler.linux.Errno;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.FakeMount;
import labeler.problem.Problem;
import labeler.work.Futures;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files with the same inode and birth time, as in a copy of a whole file system, and their records. */
class CopiesTest extends HostTest {
    private FakeMount original;

    @SuppressWarnings("NullAway.Init") // set before each test
    CopiesTest() {}

    @BeforeEach
    void aFileSystemAndItsCopy() {
        original = host.kernel.mount("/one");
        host.raw("/one/disk");
        host.kernel.setLabel("/one/disk", TestHost.HOME);
        host.kernel.mount("/two").copyOf(original);
        host.raw("/two/disk");
        host.kernel.setLabel("/two/disk", TestHost.HOME);
        assertThat(host.kernel.status("/one/disk").orElseThrow().identity().inode())
                .isEqualTo(
                        host.kernel.status("/two/disk").orElseThrow().identity().inode());
    }

    private void stopWithoutRevert(String vm, String disk) {
        host.kernel.faults().failAlways("fsetxattr", disk, Errno.EPERM);
        host.stop(vm);
        host.kernel.faults().clear();
    }

    @Test
    void a_copy_of_an_image_does_not_take_over_the_original_ones_references() {
        for (String mount : List.of("/one", "/two")) {
            host.raw(mount + "/base");
            host.overlay(mount + "/overlay", "base", "raw");
        }
        host.vm("a").disk("/one/overlay", ImageFormat.QCOW2).start();
        host.stop("a");

        host.vm("b").disk("/two/overlay", ImageFormat.RAW).start();
        host.stop("b");

        host.vm("a").disk("/one/overlay", ImageFormat.QCOW2).start();
        host.vm("b").disk("/two/overlay", ImageFormat.QCOW2).isRefused(Problem.Kind.NEW_REFERENCE);
    }

    @Test
    void a_copy_does_not_take_over_the_record_of_its_original() {
        host.vm("a").disk("/one/disk", ImageFormat.RAW).start();
        stopWithoutRevert("a", "/one/disk");

        host.vm("b").disk("/two/disk", ImageFormat.RAW).start();
        String held = host.label("/two/disk");
        host.lifecycle().recover(false, false);

        assertThat(host.label("/one/disk")).isEqualTo(TestHost.HOME);
        assertThat(host.label("/two/disk")).isEqualTo(held);
        host.stop("b");
        host.lifecycle().recover(false, false);
        assertThat(host.label("/two/disk")).isEqualTo(TestHost.HOME);
        assertThat(host.recordedFiles()).isZero();
    }

    @Test
    void a_copy_is_not_taken_for_a_file_that_is_hidden() {
        host.vm("a").disk("/one/disk", ImageFormat.RAW).start();
        String held = host.label("/one/disk");
        host.kernel.rename("/one/disk", "/one/aside");
        host.kernel.rename("/two/disk", "/elsewhere/disk");
        // Now the copy is at the original's path, as after a mount over it.
        host.kernel.rename("/elsewhere/disk", "/one/disk");
        host.kernel.setLabel("/one/disk", held);

        host.stop("a");

        assertThat(host.label("/one/aside")).isEqualTo(TestHost.HOME);
        assertThat(host.label("/one/disk")).isEqualTo(held);
    }

    @Test
    void a_label_that_was_copied_along_is_not_what_the_copy_had_before() {
        host.vm("a").disk("/one/disk", ImageFormat.RAW).start();
        host.kernel.setLabel("/two/disk", host.label("/one/disk"));

        host.vm("b").disk("/two/disk", ImageFormat.RAW).start();
        host.stop("b");

        assertThat(host.label("/two/disk")).isEqualTo(TestHost.HOME);
    }

    @Test
    void after_a_reboot_that_exchanged_their_devices_each_gets_its_own_label_back() throws IOException {
        String other = "system_u:object_r:virt_var_lib_t:s0";
        host.kernel.setLabel("/two/disk", other);
        host.vm("a").disk("/one/disk", ImageFormat.RAW).start();
        stopWithoutRevert("a", "/one/disk");
        long device = host.kernel.status("/one/disk").orElseThrow().identity().device();
        original.device(0x999);
        FakeMount copy = host.kernel.mount("/three").copyOf(original).device(device);
        host.raw("/three/disk");
        host.kernel.setLabel("/three/disk", other);
        assertThat(copy).isNotNull();
        host.kernel.faults().failAlways("openat2", "/one/disk", Errno.EIO);
        host.kernel.faults().failAlways("open_by_handle_at", "/one/disk", Errno.EIO);
        host.reboot(FakeLinux.Unsynced.KEPT);

        host.vm("b").disk("/three/disk", ImageFormat.RAW).start();
        host.lifecycle().recover(false, false);
        assertThat(host.label("/one/disk")).isEqualTo(TestHost.HOME);
        host.stop("b");
        assertThat(host.label("/three/disk")).isEqualTo(other);
    }

    @Test
    void another_file_system_at_the_same_place_is_not_taken_for_it() {
        host.vm("a").disk("/one/disk", ImageFormat.RAW).start();
        String held = host.label("/one/disk");
        original.copyOf(host.kernel.mount("/four"));

        assertThat(host.stop("a").count(FileReport.Outcome.LOST)).isEqualTo(1);
        assertThat(host.label("/one/disk")).isEqualTo(held);
    }

    @Test
    void a_start_waits_until_the_record_of_the_device_before_has_given_its_file_back() throws Exception {
        host.vm("a").disk("/one/disk", ImageFormat.RAW).start();
        stopWithoutRevert("a", "/one/disk");
        original.device(0x999);
        CompletableFuture<Future<StartOutcome>> starting = new CompletableFuture<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            host.kernel.faults().beforeNext("fsetxattr", () -> {
                starting.complete(executor.submit(
                        () -> host.vm("b").disk("/one/disk", ImageFormat.RAW).tryStart()));
                // Long enough for a start without a wait.
                boolean _ = Futures.isDone(starting.join(), Duration.ofMillis(500));
            });
            host.lifecycle().recover(false, false);

            assertThat(starting.join().get())
                    .isInstanceOfSatisfying(
                            StartOutcome.Started.class,
                            started -> assertThat(host.label("/one/disk"))
                                    .isEqualTo(
                                            TestHost.IMAGE_TYPE + started.vm().level()));
        }
        host.stop("b");
        assertThat(host.label("/one/disk")).isEqualTo(TestHost.HOME);
    }
}
