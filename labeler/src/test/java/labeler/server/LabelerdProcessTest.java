package labeler.server;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import labeler.linux.HostPath;
import labeler.linux.Printable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The start and end of the service as a process of its own. */
@Timeout(180)
class LabelerdProcessTest {
    private static final long PATIENCE_SECONDS = 60;

    private final List<Process> started = new ArrayList<>();
    private final Path directory;
    private final Path socket;

    LabelerdProcessTest(@TempDir Path directory) {
        this.directory = directory;
        this.socket = directory.resolve("run/labeler.sock");
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly();
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private List<String> command(String... arguments) {
        return commandOn(socket, arguments);
    }

    private List<String> commandOn(Path listening, String... arguments) {
        return ServiceCommand.of(directory, listening, arguments);
    }

    private Process launch(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(directory.resolve("err" + started.size()).toFile())
                .start();
        started.add(process);
        return process;
    }

    private String err(int number) throws IOException {
        return Files.readString(directory.resolve("err" + number));
    }

    private void awaitSocket(Process process) throws IOException {
        eventually("it listens", () -> {
            assertThat(process.isAlive()).as(err(0)).isTrue();
            return isListening();
        });
    }

    /** Whether the service listens. A socket has its name before that. */
    private boolean isListening() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    private String health() throws IOException {
        return exchange("GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    private String post(String path) throws IOException {
        return post(path, "");
    }

    private String post(String path, String body) throws IOException {
        return exchange(
                "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private String exchange(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            return TestServer.readAll(channel);
        }
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void it_makes_its_directories_serves_keeps_a_second_one_out_and_ends_with_0() throws Exception {
        Process process = launch(command());
        awaitSocket(process);
        assertThat(health()).startsWith("HTTP/1.1 200 ").contains("\"enforcement\":\"optional\"");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("state"))))
                .isEqualTo("rwx------");

        assertThat(exitCode(launch(commandOn(directory.resolve("other.sock"))))).isEqualTo(1);
        assertThat(err(1).lines().filter(line -> line.startsWith("labelerd: "))).hasSize(1);

        assertThat(post("/v1/vms/none/stop")).startsWith("HTTP/1.1 404 ");

        process.destroy();
        assertThat(exitCode(process)).isZero();
        assertThat(err(0))
                .containsPattern("(?m)^HttpHandler: /v1/vms/none/stop for process [0-9]+ of user [0-9]+ at .*: 404");
        assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(err(0)).doesNotContain("<6>").contains("HttpService: labelerd development listens on " + socket);
    }

    /** Who has got an answer may end the service in the same moment. */
    @Test
    void it_ends_with_0_as_soon_as_it_listens() throws Exception {
        Process process = launch(command());
        eventually("it listens", () -> {
            assertThat(process.isAlive()).as(err(0)).isTrue();
            return isListening();
        });

        process.destroy();

        assertThat(exitCode(process)).as(err(0)).isZero();
    }

    @Test
    void who_asked_for_what_and_what_came_of_it_is_in_the_log() throws Exception {
        Process process = launch(command());
        awaitSocket(process);
        String qemu =
                "{\"argv\":[\"qemu\",\"-object\",\"rng-random,id=r,filename=/dev/urandom\"%s],\"workingDirectory\":\"/\"}";
        assertThat(post("/v1/vms/web1/start", qemu.formatted(""))).startsWith("HTTP/1.1 200 ");
        assertThat(post("/v1/vms/web2/start", qemu.formatted(",\"-kernel\",\"/none/kernel\"")))
                .startsWith("HTTP/1.1 422 ");
        assertThat(post("/v1/vms/web1/stop")).startsWith("HTTP/1.1 200 ");
        process.destroy();
        assertThat(exitCode(process)).isZero();
        String peer = "process " + ProcessHandle.current().pid() + " of user " + Directories.ownUid() + " at [^:]*.*: ";
        assertThat(err(0))
                .containsPattern(
                        "(?m)^RequestLog: VM web1: started for " + peer + "level s0:c[0-9]+,c[0-9]+, .*; 1 leave\n")
                .containsPattern("(?m)^RequestLog: VM web2: refused for " + peer
                        + "MISSING /none/kernel: .*; -kernel names it\n")
                .containsPattern("(?m)^RequestLog: VM web1: stopped for " + peer + "no labels of its own\n");
    }

    @Test
    void a_line_of_the_log_shows_what_would_end_turn_or_hide_it() throws Exception {
        Process process = launch(command());
        awaitSocket(process);
        // They end a line, reverse text, or are invisible. A VM's name has none of them.
        String qemu =
                "{\"argv\":[\"qemu\",\"-kernel\",\"/n\\u0085o\\u2028n\\u202ee\\udb40\\udc41\"],\"workingDirectory\":\"/\"}";
        assertThat(post("/v1/vms/ab/start", qemu)).startsWith("HTTP/1.1 422 ");
        // The raw character, not percent-encoded.
        assertThat(post("/v1/x\u0085y\u2028z\u202ew")).startsWith("HTTP/1.1 404 ");
        process.destroy();
        assertThat(exitCode(process)).isZero();
        assertThat(err(0))
                .contains("VM ab: refused")
                .contains("/n\\xc2\\x85o\\xe2\\x80\\xa8n\\xe2\\x80\\xaee\\xf3\\xa0\\x81\\x81")
                .contains("/v1/x\\xc2\\x85y\\xe2\\x80\\xa8z\\xe2\\x80\\xaew for ");
        assertThat(err(0).codePoints().filter(c -> c != '\n' && c != '\t').filter(c -> !Printable.isVisible(c)))
                .isEmpty();
    }

    @Test
    void a_second_service_on_the_same_run_directory_is_kept_out() throws Exception {
        Process process = launch(command());
        awaitSocket(process);
        Path runtime = Files.createDirectories(directory.resolve("run/vms/of-a-vm"));
        List<String> other = new ArrayList<>(commandOn(directory.resolve("other.sock")));
        other.set(
                other.indexOf("--state-dir") + 1,
                directory.resolve("other-state").toString());

        assertThat(exitCode(launch(other))).isEqualTo(1);

        assertThat(err(1).lines().filter(line -> line.startsWith("labelerd: ")))
                .hasSize(1)
                .allMatch(line -> line.contains("another labelerd") && line.contains("--run-dir"));
        assertThat(runtime).isDirectory();
        assertThat(health()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void an_owner_to_open_files_as_is_refused_where_the_service_may_not_be_that_user() throws Exception {
        Capability.ROOT.assume();
        Capability.SETPRIV.assume();
        Path file = directory.resolve("labeler.toml");
        Files.writeString(file, "[launch]\nroot-squash-owner = \"root:root\"\n");
        List<String> bounded = new ArrayList<>(List.of("/usr/bin/setpriv", "--bounding-set=-setuid,-setgid"));
        bounded.addAll(command("--config", file.toString()));
        assertThat(exitCode(launch(bounded))).isEqualTo(1);
        assertThat(err(0).lines().filter(line -> line.startsWith("labelerd: launch.root-squash-owner: ")))
                .hasSize(1)
                .allMatch(line -> line.contains("root-squash-owner.conf"));
    }

    /** The program under the C locale, in the test's directory, with a file or directory {@code $x} that is not UTF-8. */
    private List<String> underC(String arguments) {
        List<String> java =
                new ArrayList<>(List.of("/bin/sh", "-c", """
                x=$(printf 'caf\\351')
                cd "$1"
                shift
                export LC_ALL=C
                exec "$@"\
                """ + " " + arguments, "sh", directory.toString()));
        List<String> command = command();
        java.addAll(command.subList(0, command.indexOf("--state-dir")));
        return java;
    }

    @Test
    void directories_and_settings_of_any_name_are_used_under_the_c_locale() throws Exception {
        HostPath latin = HostPath.of(directory).child(new byte[] {'c', 'a', 'f', (byte) 0xe9});
        Files.createDirectories(latin.jdkPath());
        Files.createDirectories(socket.getParent());
        Files.writeString(latin.child("toml").jdkPath(), "[service]\nrun-directory = \"" + directory + "/é\"\n");
        Process process = launch(underC("--config \"$x/toml\" --socket run/labeler.sock --state-dir \"$x/state\""));
        awaitSocket(process);
        assertThat(health()).startsWith("HTTP/1.1 200 ");
        assertThat(latin.child("state").child("journal.db").jdkPath()).isNotEmptyFile();
        assertThat(HostPath.of(directory + "/é").jdkPath()).isDirectory();
        process.destroy();
        assertThat(exitCode(process)).isZero();
    }

    @Test
    void a_socket_that_cannot_be_listened_on_under_the_locale_is_refused_in_one_line() throws Exception {
        assertThat(exitCode(launch(underC("--socket \"$x\" --state-dir state --run-dir run"))))
                .isEqualTo(2);
        assertThat(err(0))
                .startsWith("labelerd: " + directory + "/caf\\xe9: ")
                .contains("--socket")
                .hasLineCount(1);
    }

    @Test
    void it_takes_the_socket_that_systemd_passes_and_leaves_its_name_alone() throws Exception {
        Capability.SOCKET_ACTIVATION.assume();
        Files.createDirectories(socket.getParent());
        List<String> activated = new ArrayList<>(List.of("/usr/bin/python3", "-c", """
                import os, socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.bind(sys.argv[1])
                s.listen(16)
                os.dup2(s.fileno(), 0)
                os.execv(sys.argv[2], sys.argv[2:])
                """, socket.toString()));
        activated.addAll(command());
        Process process = launch(activated);
        awaitSocket(process);
        // The service may not accept yet. Then the connection waits in the kernel's queue, as activation intends.
        assertThat(health()).startsWith("HTTP/1.1 200 ");
        process.destroy();
        assertThat(exitCode(process)).isZero();
        assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(err(0)).contains("listens on the socket passed to it").doesNotContain("error: ");
    }

    @Test
    void settings_that_are_wrong_are_told_in_one_line() throws Exception {
        Path file = directory.resolve("labeler.toml");
        Files.writeString(file, "[service]\nsokcet = \"/s\"\n");
        assertThat(exitCode(launch(command("--config", file.toString())))).isEqualTo(2);
        assertThat(err(0))
                .isEqualTo("labelerd: " + file + ": unknown setting service.sokcet; did you mean service.socket?\n");
        assertThat(exitCode(launch(command("maybe")))).isEqualTo(2);
        assertThat(err(1)).hasLineCount(1);
    }
}
