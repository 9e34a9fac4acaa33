package labeler.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.config.GuardConfig;
import labeler.config.LibvirtConfig;
import labeler.lifecycle.StopOutcome;
import labeler.vm.StartedBy;
import org.junit.jupiter.api.Test;

/** What libvirt keeps on disk may be away, or not its own: a domain ends only if it does not run. */
class DomainsOfUnknownStateTest extends FollowedDomainsOnDisk {
    private static final Pace IMPATIENT =
            new Pace(Duration.ofMillis(1), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(100));

    private String disk() {
        return StateFiles.disk("vda", host.path("disk"));
    }

    private String joins() {
        return StateFiles.disk("vdb", host.path("joins"));
    }

    @Test
    void the_hook_wakes_the_thread_that_waits_for_an_end_and_the_next_domain_of_that_name_stays() throws Exception {
        domains.close();
        domains = domains(IMPATIENT);
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        domains.started(WEB);
        domains.ended(WEB);
        host.lifecycle().stop(WEB, Optional.empty());

        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));

        // A time, since nothing may happen: a busy machine can only make this see less.
        TimeUnit.MILLISECONDS.sleep(3 * IMPATIENT.patience().toMillis());
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void without_its_directory_nothing_is_known_of_a_domain_and_it_stays() throws IOException {
        domains.close();
        domains = domains(IMPATIENT);
        start(StartedBy.LIBVIRT);
        Files.move(states.running(), root.resolve("moved"));
        domains.started(WEB);

        eventually(() -> isTold("cannot tell which files"));
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void a_domain_whose_process_runs_stays_without_any_state() throws Exception {
        domains.close();
        domains = domains(IMPATIENT);
        start(StartedBy.LIBVIRT);
        Process qemu = new ProcessBuilder("bash", "-c", "read -r", "-name", "guest=web,debug-threads=on").start();
        try {
            states.remove("web");
            eventually(() -> isTold("process " + qemu.pid() + " has its name"));
            assertThat(isHeld("disk")).isTrue();
        } finally {
            qemu.destroy();
            qemu.waitFor();
        }
        eventually(() -> host.lifecycle().names().isEmpty());
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void a_release_of_a_domain_whose_process_runs_is_no_end() throws Exception {
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        assertThat(domains.signOfLife(WEB)).isEmpty();
        Process qemu = named("guest=web,debug-threads=on");
        try {
            assertThat(domains.signOfLife(WEB)).contains("process " + qemu.pid() + " has its name");
        } finally {
            qemu.destroy();
            qemu.waitFor();
        }
    }

    @Test
    void it_is_none_for_a_domain_that_is_not_followed_either() throws Exception {
        domains.close();
        domains = domains(PACE, GuardConfig.DEFAULT, new LibvirtConfig(false));
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        Process qemu = named("guest=web,debug-threads=on");
        try {
            assertThat(domains.signOfLife(WEB)).contains("process " + qemu.pid() + " has its name");
        } finally {
            qemu.destroy();
            qemu.waitFor();
        }
    }

    /** A refused start of libvirt's is released, too. */
    @Test
    void a_release_takes_nothing_from_a_vm_that_libvirt_has_not_started() throws IOException {
        String image = host.start("web", host.image("disk", ImageFormat.RAW, Access.READ_WRITE));

        assertThat(host.lifecycle().release(WEB, reader().defined(WEB)))
                .containsInstanceOf(StopOutcome.NotStopped.class);

        assertThat(isHeld("disk")).isTrue();
        assertThat(host.label("disk")).isEqualTo(image);
    }

    @Test
    void a_release_of_a_domain_that_libvirt_has_started_is_its_end() throws IOException {
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));

        assertThat(host.lifecycle().release(WEB, reader().defined(WEB))).containsInstanceOf(StopOutcome.Stopped.class);

        assertThat(host.lifecycle().names()).isEmpty();
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    private static Process named(String name, String... before) throws IOException {
        List<String> words = new ArrayList<>(List.of(before));
        words.addAll(List.of("bash", "-c", "read -r", "-name", name));
        return new ProcessBuilder(words).start();
    }

    /** libvirt doubles a comma of a name; and no other user can keep a domain from its end. */
    @Test
    void neither_a_longer_name_nor_another_users_words_are_a_sign_of_life() throws Exception {
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        Process longer = named("guest=web,,1,debug-threads=on");
        Process foreign = named("web", "setpriv", "--reuid=1234", "--clear-groups");
        try {
            eventually(() -> isOf(foreign, 1234));
            assertThat(domains.signOfLife(WEB)).isEmpty();
        } finally {
            longer.destroy();
            foreign.destroy();
            longer.waitFor();
            foreign.waitFor();
        }
    }

    private static boolean isOf(Process process, int user) {
        Path directory = Path.of("/proc/" + process.pid());
        try {
            return Files.getAttribute(directory, "unix:uid").equals(user)
                    && Files.readString(directory.resolve("cmdline")).startsWith("bash");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void the_state_of_another_domain_is_not_believed() throws IOException {
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);
        states.write("web", disk(), joins());
        eventually(() -> isHeld("joins"));
        states.write("other", disk());

        Files.move(
                states.running().resolve("other.xml"),
                states.running().resolve("web.xml"),
                StandardCopyOption.ATOMIC_MOVE);

        eventually(() -> isTold("is not of domain web"));
        assertThat(isHeld("joins")).isTrue();
    }

    @Test
    void a_state_that_is_not_roots_is_not_believed() throws IOException {
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);
        Path forged = states.running().resolve("web.xml");
        states.write("web", disk(), joins(), "<controller type='usb'/>");
        eventually(() -> isHeld("joins"));
        Files.setAttribute(forged, "unix:uid", 1234);
        domains.started(WEB);

        eventually(() -> isTold("does not belong to root"));
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void a_pipe_in_the_place_of_a_state_holds_nobody_up() throws Exception {
        start(StartedBy.LIBVIRT);
        states.remove("web");
        assertThat(new ProcessBuilder(
                                "mkfifo", states.running().resolve("web.xml").toString())
                        .start()
                        .waitFor())
                .isZero();
        eventually(() -> isTold("is a FIFO"));
        raw("joins", OTHER);
        states.write("web", disk(), joins());

        eventually(() -> isHeld("joins"));
    }

    @Test
    void a_directory_that_is_replaced_is_watched_again() throws IOException {
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);
        Files.move(states.running(), root.resolve("moved"));
        Files.createDirectory(states.running());

        states.write("web", disk(), joins());

        eventually(() -> isHeld("joins"));
    }

    @Test
    void a_pid_file_of_a_process_that_has_gone_keeps_nothing() throws Exception {
        domains.close();
        domains = domains(IMPATIENT);
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Files.writeString(states.running().resolve("web.pid"), Long.toString(ended.pid()));
        domains.started(WEB);

        eventually(() -> host.lifecycle().names().isEmpty());
    }

    @Test
    void a_domain_that_libvirt_starts_again_had_ended() throws IOException {
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));

        domains.starting(WEB);

        assertThat(host.lifecycle().names()).isEmpty();
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void a_domain_with_a_state_is_not_ended_by_a_start() throws IOException {
        start(StartedBy.LIBVIRT);

        domains.starting(WEB);

        assertThat(isHeld("disk")).isTrue();
    }
}
