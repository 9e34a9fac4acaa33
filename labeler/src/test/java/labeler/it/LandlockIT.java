package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.json.Json;
import labeler.linux.LinuxException;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a qemu that {@code labeler run} started can open, asked of the kernel by that qemu itself. */
class LandlockIT {
    @TempDir
    Path temporary;

    private Path own = Path.of("/");
    private Path base = Path.of("/");
    private Path others = Path.of("/");
    private Path monitor = Path.of("/");
    private ServiceFixture service = new ServiceFixture(Path.of("/"));

    @BeforeEach
    void twoOverlaysOfABase() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img");
        Machine.require(landlock() > 0, "needs a kernel with Landlock");
        Images images = Images.in(temporary.resolve("images"));
        base = images.labelledRaw("base");
        own = images.overlay("own", base);
        others = images.overlay("others", base);
        monitor = temporary.resolve("monitor");
        service = ServiceFixture.started(temporary);
    }

    @AfterEach
    void end() {
        service.close();
    }

    private static int landlock() {
        try {
            return JnaLinux.create().exec().landlockVersion();
        } catch (LinuxException e) {
            return 0;
        }
    }

    private Qemu run(Path pidFile) throws IOException {
        List<String> qemu = Images.with(
                Images.qemuWithOverlay(own),
                List.of("-qmp", "unix:" + monitor + ",server=on,wait=off", "-pidfile", pidFile.toString()));
        return Qemu.start(Images.with(
                List.of(
                        ServiceFixture.labeler(),
                        "run",
                        "--socket",
                        service.socket().toString(),
                        "web1",
                        "--"),
                qemu));
    }

    @Test
    void qemu_opens_its_own_files_and_the_kernel_denies_it_all_others() throws IOException {
        Path pidFile = temporary.resolve("pid");
        try (Qemu qemu = run(pidFile)) {
            awaitMonitor();
            assertThat(service.get("/v1/vms/web1").ok().body().elements("walls"))
                    .contains(Json.of("landlock"));

            assertThat(open(base, true)).contains("\"return\"");
            assertThat(open(others, false)).contains("Permission denied");
            assertThat(open(others, true)).contains("Permission denied");
            assertThat(open(base, false)).contains("Permission denied");
            assertThat(open(Path.of("/etc/shadow"), true)).contains("Permission denied");
            assertThat(open(service.journal(), true)).contains("Permission denied");
            assertThat(Files.readString(pidFile).strip()).isEqualTo(Long.toString(qemu.pid()));
        }
    }

    @Test
    void a_socket_and_a_pid_file_that_an_earlier_qemu_left_do_not_stop_the_next() throws IOException {
        Path pidFile = temporary.resolve("pid");
        for (int time = 0; time < 2; time++) {
            try (Qemu qemu = run(pidFile)) {
                awaitMonitor();
                assertThat(open(base, true)).contains("\"return\"");
                qemu.kill();
            }
            for (int wait = 0; service.holds("web1") && wait < 200; wait++) {
                ServiceFixture.pause(50);
            }
            assertThat(Files.exists(monitor)).isTrue();
        }
    }

    private void awaitMonitor() {
        for (int tries = 0; tries < 400; tries++) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(monitor));
                return;
            } catch (IOException e) {
                ServiceFixture.pause(50);
            }
        }
        throw new AssertionError("qemu does not listen on " + monitor);
    }

    /** What qemu answers when it is told to open a file as a disk. */
    private String open(Path file, boolean readOnly) throws IOException {
        String command =
                "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"file\","
                        + "\"node-name\":\"n" + System.nanoTime() + "\",\"filename\":\"" + file + "\",\"read-only\":"
                        + readOnly
                        + "}}\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(monitor));
            channel.write(ByteBuffer.wrap(command.getBytes(StandardCharsets.UTF_8)));
            StringBuilder answers = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            // The greeting, the answer to the capabilities, the answer to the command: a line each.
            while (answers.chars().filter(c -> c == '\n').count() < 3 && channel.read(buffer.clear()) > 0) {
                answers.append(StandardCharsets.UTF_8.decode(buffer.flip()));
            }
            return answers.toString().lines().skip(2).findFirst().orElse("no answer");
        }
    }
}
