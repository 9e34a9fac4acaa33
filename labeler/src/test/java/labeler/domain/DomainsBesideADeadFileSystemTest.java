package labeler.domain;

import static labeler.waiting.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.config.GuardConfig;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.FileStatus;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Timestamp;
import labeler.linux.jna.JnaLinux;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.work.WaitLimits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A file leaves a running domain while a file system of another domain does not answer. */
class DomainsBesideADeadFileSystemTest extends FollowedDomainsOnDisk {
    private static final Pace AGAIN_SOON =
            new Pace(Duration.ofMillis(1), Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofDays(1));

    /** Long enough for a busy machine to find out which file system it is that does not answer. */
    private static final WaitLimits LIMITS =
            new WaitLimits(Duration.ofSeconds(1), Duration.ofSeconds(2), WaitLimits.DEFAULT.workers());

    private final CountDownLatch answers = new CountDownLatch(1);
    private volatile boolean isDead;
    private volatile boolean hidesTimes;
    private String theirs = "";

    /** Another mount than that of the other files: who waits, waits for one file system. */
    private void twoFileSystems() throws IOException {
        domains.close();
        host.close();
        Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "labeler-");
        theirs = elsewhere.resolve("theirs").toString();
        Linux kernel = JnaLinux.create();
        host = new FollowedHost(
                Files.createDirectories(root.resolve("beside")),
                kernel.opening(new ForwardingOpen(kernel.open()) {
                    @Override
                    public Optional<FileStatus> look(HostPath path) throws LinuxException {
                        if (isDead && path.equals(host.hostPath(theirs))) {
                            await(answers);
                        }
                        return super.look(path);
                    }

                    @Override
                    public Timestamp touched(OpenedFile file) throws LinuxException {
                        if (hidesTimes && file.realPath().equals(host.hostPath(theirs))) {
                            await(answers);
                        }
                        return super.touched(file);
                    }
                }),
                LIMITS);
        states = StateFiles.below(root.resolve("beside/state"));
        domains = domains(AGAIN_SOON);
        raw("disk", HOME);
        raw("joins", OTHER);
        raw(theirs, OTHER);
    }

    @AfterEach
    void answer() throws IOException {
        answers.countDown();
        Files.deleteIfExists(Path.of(theirs));
        Files.deleteIfExists(Path.of(theirs).getParent());
    }

    private void startTheirs() {
        host.start(new StartRequest(
                        new VmName("db"),
                        new VmDefinition(
                                List.of(host.image(theirs, ImageFormat.RAW, Access.READ_WRITE)),
                                List.of(),
                                Optional.empty(),
                                VmDefinition.Acceleration.EMULATION,
                                List.of()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        new StartRequest.Owner(0, 0),
                        StartRequest.Launch.ELSEWHERE)
                .by(StartedBy.LIBVIRT, new StartRequest.Hook(Optional.empty(), false)));
    }

    /** A disk joins, and leaves while the other file system is dead. */
    private void joinsAndLeaves() throws IOException {
        start(StartedBy.LIBVIRT);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));
        eventually(() -> isHeld("joins"));
        states.write("db", StateFiles.disk("vda", host.path(theirs)));
        isDead = true;
        states.write("web", StateFiles.disk("vda", host.path("disk")));
    }

    @Test
    void a_domain_on_record_holds_nothing_back() throws IOException {
        twoFileSystems();
        startTheirs();

        joinsAndLeaves();

        eventually(() -> !isHeld("joins"));
        assertThat(answers.getCount()).isEqualTo(1);
        assertThat(host.label("joins")).isEqualTo(OTHER);
    }

    @Test
    void a_domain_that_is_not_on_record_holds_a_file_back_until_its_file_system_answers() throws IOException {
        twoFileSystems();

        joinsAndLeaves();

        eventually(() -> isTold("it may be in use"));
        assertThat(isHeld("joins")).isTrue();
        answers.countDown();
        eventually(() -> !isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
    }

    /** It is asked when it was touched last. Nothing would wake who waits for that answer. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_file_that_leaves_a_domain_on_a_dead_file_system_keeps_nobody_waiting() throws IOException {
        twoFileSystems();
        startWithoutState(StartedBy.LIBVIRT, host.image(theirs, ImageFormat.RAW, Access.READ_WRITE));
        states.write("web", StateFiles.drive("sda"));
        hidesTimes = true;

        DomainLook.Seen seen = look(GuardConfig.DEFAULT).look(WEB, new Moment(() -> true, () -> true, Map.of()));

        assertThat(seen).isInstanceOf(DomainLook.Nothing.class);
        assertThat(isHeld(theirs)).isTrue();
    }

    @Test
    void a_file_that_the_other_domain_has_stays() throws IOException {
        twoFileSystems();
        start(StartedBy.LIBVIRT);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));
        eventually(() -> isHeld("joins"));
        states.write("db", StateFiles.disk("vda", host.path("joins")));

        states.write("web", StateFiles.disk("vda", host.path("disk")));

        eventually(() -> isTold("it may be in use"));
        assertThat(isHeld("joins")).isTrue();
    }
}
