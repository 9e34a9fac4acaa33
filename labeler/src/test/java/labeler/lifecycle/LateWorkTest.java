package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import labeler.chain.ImageFormat;
import labeler.journal.FileHold;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** A file system answers when whoever asked has gone, and the VM has lost its files by then. */
class LateWorkTest extends HostTest {
    private static final VmName ONE = new VmName("one");
    private static final String LOST = "unconfined_u:object_r:virt_image_t:s0";
    private static final List<String> DISKS = List.of("/san/d1", "/san/d2");

    /** What the service itself has open. */
    private int open;

    private final CountDownLatch answers = new CountDownLatch(1);
    private final CountDownLatch isFound = new CountDownLatch(1);
    private final CountDownLatch hasEnded = new CountDownLatch(1);

    private void start() throws IOException {
        host.kernel.mount("/san");
        host.beImpatient();
        TestVm vm = host.vm("one");
        for (String disk : DISKS) {
            host.raw(disk);
            host.kernel.setLabel(disk, TestHost.HOME);
            vm.disk(disk, ImageFormat.RAW);
        }
        vm.start();
        open = host.kernel.openDescriptors();
    }

    /** The next file that is looked for is found too late, and its label read when the VM has ended. */
    private void hang() {
        host.kernel.faults().beforeNext("openat2", () -> {
            host.kernel.faults().beforeNext("fgetxattr", () -> {
                isFound.countDown();
                await(hasEnded);
            });
            await(answers);
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void answerWhenTheVmHasEnded() {
        answers.countDown();
        await(isFound);
        host.stop("one");
        assertThat(host.lifecycle().names()).isEmpty();
        hasEnded.countDown();
        eventually(() -> host.kernel.openDescriptors() <= open);
    }

    @Test
    void a_relabel_that_is_late_leaves_the_files_to_those_who_have_them_by_then() throws IOException {
        start();
        DISKS.forEach(disk -> host.kernel.setLabel(disk, LOST));
        hang();

        VmReport report = host.lifecycle().relabel(ONE, false).orElseThrow();
        answerWhenTheVmHasEnded();

        assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(2);
        assertThat(DISKS).extracting(host::label).containsOnly(LOST);
    }

    @Test
    void a_scan_that_is_late_has_told_each_file_that_it_has_mended_and_mends_no_more() throws IOException {
        host.beImpatient();
        host.kernel.directory("/pool");
        host.kernel.setLabel("/pool", LOST);
        String dead = TestHost.IMAGE_TYPE + "s0:c1,c2";
        List<String> files = List.of("/pool/1", "/pool/2", "/pool/3");
        for (String file : files) {
            host.raw(file);
            host.kernel.setLabel(file, dead);
        }
        open = host.kernel.openDescriptors();
        List<String> heard = new CopyOnWriteArrayList<>();

        ScanOutcome outcome = host.lifecycle()
                .scan(new ScanRequest(HostPath.of("/pool"), Optional.empty(), true), mended -> {
                    heard.add(mended.path() + " had " + mended.context());
                    host.kernel.faults().beforeNext("lgetxattr", () -> await(answers));
                });
        answers.countDown();
        eventually(() -> host.kernel.openDescriptors() <= open);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        ScanOutcome.NotScanned.class,
                        late -> assertThat(late.message()).contains("does not answer", "the service's log"));
        assertThat(heard).containsExactly("/pool/1 had " + dead);
        assertThat(host.label("/pool/2")).isEqualTo(dead);
        assertThat(host.label("/pool/3")).isEqualTo(dead);
    }

    @Test
    void a_settlement_that_is_late_leaves_files_that_were_given_back() throws IOException {
        start();
        hang();

        VmReport report = host.followed()
                .settle(
                        host.followed().run(ONE),
                        holds -> holds.stream().map(FileHold::reading).toList());
        answerWhenTheVmHasEnded();

        assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(2);
        assertThat(DISKS).extracting(host::label).containsOnly(TestHost.HOME);
    }
}
