package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.json.Json;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that a qemu from {@code labeler run} can open. The qemu itself tries to open them. */
class LandlockIT {
    private final Path temporary;
    private final Path own;
    private final Path base;
    private final Path others;
    private final Monitor monitor;

    @AutoClose
    private final ServiceFixture service;

    /** Two overlays of a base. */
    LandlockIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img");
        Machine.requireLandlock();
        Images images = Images.in(temporary.resolve("images"));
        base = images.labelledRaw("base");
        own = images.overlay("own", base);
        others = images.overlay("others", base);
        monitor = new Monitor(temporary.resolve("monitor"));
        service = ServiceFixture.withHumanMonitor(temporary);
    }

    private Qemu run(Path pidFile) throws IOException {
        List<String> others = List.of(
                "-pidfile",
                pidFile.toString(),
                "-chardev",
                "socket,id=left,server=on,wait=off,path=" + temporary.resolve("left"));
        List<String> qemu = Images.with(Images.qemuWithOverlay(own), Images.with(monitor.options(), others));
        return Qemu.start(service.running("web1", qemu));
    }

    @Test
    void qemu_opens_its_own_files_and_the_kernel_denies_it_all_others() throws IOException {
        Path pidFile = temporary.resolve("pid");
        try (Qemu qemu = run(pidFile)) {
            monitor.await();
            assertThat(service.get("/v1/vms/web1").ok().body().elements("walls"))
                    .contains(Json.of("landlock"));

            assertThat(monitor.open(base, true)).contains("\"return\"");
            assertThat(monitor.open(others, false)).contains("Permission denied");
            assertThat(monitor.open(others, true)).contains("Permission denied");
            assertThat(monitor.open(base, false)).contains("Permission denied");
            assertThat(monitor.open(Path.of("/etc/shadow"), true)).contains("Permission denied");
            assertThat(monitor.open(service.journal(), true)).contains("Permission denied");
            assertThat(Files.readString(pidFile).strip()).isEqualTo(Long.toString(qemu.pid()));
        }
    }

    @Test
    void a_socket_and_a_pid_file_that_an_earlier_qemu_left_do_not_stop_the_next() throws IOException {
        Path pidFile = temporary.resolve("pid");
        for (int time = 0; time < 2; time++) {
            try (Qemu qemu = run(pidFile)) {
                monitor.await();
                assertThat(monitor.open(base, true)).contains("\"return\"");
                qemu.kill();
            }
            service.awaitGone("web1");
            assertThat(temporary.resolve("left")).exists();
            assertThat(monitor.socket()).doesNotExist();
        }
    }

    /** A terminal of another process, which exists as long as that qemu lives. */
    private Path terminal(Path link) throws IOException {
        eventually("there is a terminal", () -> Files.isSymbolicLink(link));
        return Files.readSymbolicLink(link);
    }

    private String openTerminal(Path terminal) throws IOException {
        return monitor.execute("{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":"
                + "\"chardev-add serial,id=theirs,path=" + terminal + "\"}}");
    }

    @Test
    void another_terminal_and_other_processes_are_denied() throws IOException {
        Path link = temporary.resolve("link");
        try (Qemu other = Qemu.start(Images.qemu("-chardev", "pty,id=p,path=" + link));
                Qemu _ = run(temporary.resolve("pid"))) {
            Path terminal = terminal(link);
            monitor.await();

            assertThat(openTerminal(terminal)).contains("Permission denied");
            // The kernel checks more than the ruleset for environ and the like, so these show nothing.
            for (String file : List.of("/proc/" + other.pid() + "/cmdline", "/proc/1/status")) {
                assertThat(monitor.open(Path.of(file), true)).contains("Permission denied");
            }
            assertThat(monitor.open(Path.of("/proc/kallsyms"), true)).contains("Permission denied");
            // Such a file has no size, so it is no disk. But it was opened.
            assertThat(monitor.open(Path.of("/proc/self/status"), true)).contains("total sector count");
            assertThat(monitor.open(Path.of("/proc/thread-self/status"), true)).contains("total sector count");
        }
    }

    @Test
    void a_vm_with_a_terminal_of_its_own_gets_it() throws IOException {
        Path link = temporary.resolve("link");
        List<String> qemu = Images.with(
                Images.qemuWithOverlay(own),
                Images.with(monitor.options(), List.of("-chardev", "pty,id=p,path=" + link)));
        try (Qemu _ = Qemu.start(service.running("web1", qemu))) {
            monitor.await();

            assertThat(terminal(link).toString()).startsWith("/dev/pts/");
            assertThat(monitor.execute("{\"execute\":\"query-chardev\"}")).contains("pty:/dev/pts/");
        }
    }

    @Test
    void a_running_vms_disk_is_no_pid_file_by_its_name_or_a_link() throws IOException {
        Path disk = temporary.resolve("images").resolve("running");
        Files.copy(base, disk);
        try (Qemu first = Qemu.start(service.running("first", Images.qemuWithRaw(disk)))) {
            eventually("the VM is held", () -> service.holds("first"));
            Files.createSymbolicLink(temporary.resolve("to-disk"), disk);
            for (Path pidFile : List.of(disk, temporary.resolve("to-disk"))) {
                Reply refused = service.start(
                        "second", Images.with(Images.qemuWithOverlay(own), List.of("-pidfile", pidFile.toString())));
                assertThat(refused.status()).isEqualTo(409);
                assertThat(refused.body().toString()).contains("first");
            }
            assertThat(first.isAlive()).isTrue();
        }
    }
}
