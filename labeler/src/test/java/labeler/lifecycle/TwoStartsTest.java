package labeler.lifecycle;

import static labeler.waiting.Eventually.await;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.lifecycle.follow.TakeOutcome;
import labeler.lifecycle.follow.WantedFiles;
import labeler.lifecycle.hold.Claims;
import labeler.linux.Errno;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two operations at once on VMs of one name: each has its own claim, and nobody else ends it. */
class TwoStartsTest extends HostTest {
    private static final VmName WEB = new VmName("web1");

    private final CountDownLatch isOpening = new CountDownLatch(1);
    private final CountDownLatch isOther = new CountDownLatch(1);
    private final CountDownLatch isLabelling = new CountDownLatch(1);
    private final CountDownLatch isStopAsked = new CountDownLatch(1);

    @BeforeEach
    void twoDisks() {
        for (String path : List.of("/vm/good", "/vm/bad")) {
            host.raw(path);
            host.kernel.setLabel(path, TestHost.HOME);
        }
    }

    private StartOutcome start(String disk) {
        return host.vm("web1").disk(disk, ImageFormat.RAW).tryStart();
    }

    /**
     * The first start fails, and goes off the record. The second one is next at the lock, before the first one can free
     * the VM's name, and is stopped while it sets its label.
     */
    private void startAfterAFailure(FutureTask<VmReport> stop) throws Exception {
        host.kernel.faults().failAlways("fsetxattr", "/vm/bad", Errno.EIO);
        host.journal().beforeEnd(() -> {
            host.kernel.faults().beforeNext("fsetxattr", () -> {
                isLabelling.countDown();
                await(isStopAsked);
            });
            isOther.countDown();
            eventually(host.ledger().lock()::hasQueuedThreads);
        });
        host.kernel.faults().beforeNext("fgetxattr", () -> {
            isOpening.countDown();
            await(isOther);
        });
        FutureTask<StartOutcome> second = new FutureTask<>(() -> start("/vm/good"));
        Thread.ofPlatform().start(second);
        await(isOpening);
        assertThat(start("/vm/bad")).isInstanceOf(StartOutcome.NotStarted.class);
        await(isLabelling);
        Thread stopping = Thread.ofPlatform().start(stop);
        eventually(() -> stop.isDone() || stopping.getState() == Thread.State.TIMED_WAITING);
        isStopAsked.countDown();
        second.get();
    }

    @Test
    void a_start_has_its_name_to_itself_though_another_one_of_that_name_has_just_failed() throws Exception {
        FutureTask<VmReport> stop = new FutureTask<>(() -> host.stop("web1"));

        startAfterAFailure(stop);

        assertThat(stop.get().files()).extracting(FileReport::outcome).containsExactly(FileReport.Outcome.REVERTED);
        assertThat(host.lifecycle().names()).isEmpty();
        assertThat(host.label("/vm/good")).isEqualTo(TestHost.HOME);
        host.lifecycle().recover(false, false);
        assertThat(host.recordedFiles()).isZero();
        assertThat(host.label("/vm/bad")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_start_waits_for_whoever_is_at_work_on_a_vm_of_its_name_that_has_gone() throws IOException {
        host.beImpatient();
        List<Problem> problems = host.ledger()
                .claims()
                .having(
                        WEB,
                        Claims.Doing.CHANGING,
                        () -> start("/vm/good") instanceof StartOutcome.NotStarted(List<Problem> refused)
                                ? refused
                                : List.of(),
                        List::of);

        assertThat(problems).extracting(Problem::kind).containsExactly(Problem.Kind.NOT_ANSWERING);
        assertThat(problems.getFirst().message()).contains("VM web1 is being looked at");
        assertThat(start("/vm/good")).isInstanceOf(StartOutcome.Started.class);
    }

    /** Its qemu dies while the command's file is being opened, and the VM is started again at once. */
    @Test
    void a_command_of_a_vm_that_has_ended_takes_no_file_for_the_next_one_of_its_name() {
        assertThat(start("/vm/bad")).isInstanceOf(StartOutcome.Started.class);
        DeclaredUse added = new DeclaredUse.ImageUse(
                new Origin("blockdev-add"),
                FileRole.DISK,
                ImageRequest.followingHeaders(
                        FileName.of("/vm/good"),
                        new ImageRequest.Declared(ImageFormat.RAW),
                        Access.READ_WRITE,
                        new ImageRequest.ProcessDirectory(FileName.of("/"))),
                false);
        WantedFiles wanted = new WantedFiles(
                new HoldTrigger.Command(7),
                new VmDefinition(
                        List.of(added), List.of(), Optional.empty(), VmDefinition.Acceleration.HARDWARE, List.of()),
                0,
                new StartRequest.Owner(0, 0),
                WantedFiles.Check.NONE,
                (_, _) -> new JoiningFiles.Rewritten(List.of()));
        host.kernel.faults().beforeNext("openat2", () -> {
            host.stop("web1");
            assertThat(start("/vm/bad")).isInstanceOf(StartOutcome.Started.class);
        });

        assertThat(host.followed().take(host.followed().run(WEB), wanted)).isInstanceOf(TakeOutcome.Refused.class);

        assertThat(host.label("/vm/good")).isEqualTo(TestHost.HOME);
        assertThat(host.followed().commands(WEB)).isEmpty();
    }

    @Test
    void a_recovery_that_gets_no_thread_keeps_no_vm_claimed() throws IOException {
        assertThat(start("/vm/bad")).isInstanceOf(StartOutcome.Started.class);
        host.ledger().holdings().put(host.followed().vm(WEB).orElseThrow().with(VmRecord.Phase.STOPPING));
        host.close();

        assertThatThrownBy(() -> host.lifecycle().recover(false, false)).isInstanceOf(RuntimeException.class);

        assertThat(host.ledger().claims().isTaken(WEB)).isFalse();
    }

    @Test
    void a_file_without_a_record_keeps_no_other_file_from_being_settled() {
        assertThat(start("/vm/bad")).isInstanceOf(StartOutcome.Started.class);
        Optional<VmRecord> vm = host.ledger().holdings().vm(WEB);
        host.stop("web1");
        host.lifecycle().recover(false, false);
        host.ledger().holdings().put(vm.orElseThrow());
        host.ledger().holdings().remove(WEB);
        assertThat(start("/vm/good")).isInstanceOf(StartOutcome.Started.class);
        host.stop("web1");

        host.lifecycle().recover(false, false);

        assertThat(host.recordedFiles()).isZero();
    }
}
