package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import labeler.journal.DirectoryLock;
import labeler.linux.SocketName;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The messages to systemd from the service as a process of its own, and its silence. */
@Timeout(180)
class WatchdogProcessTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final String WATCHDOG = "WATCHDOG=1";
    private static final String USEC = "500000";

    private final List<Process> started = new ArrayList<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final Path directory;
    private final Path socket;

    WatchdogProcessTest(@TempDir Path directory) {
        this.directory = directory;
        this.socket = directory.resolve("run/labeler.sock");
    }

    @BeforeEach
    void needReceiver() {
        Capability.DATAGRAMS.assume();
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly();
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Listens on this socket, as systemd does. */
    private void listen(String name) throws IOException {
        Process receiver = new ProcessBuilder("/usr/bin/python3", "-c", """
                import socket, sys
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                s.bind("\\0" + sys.argv[1][1:] if sys.argv[1].startswith("@") else sys.argv[1])
                print("listens", flush=True)
                while True:
                    print(s.recv(4096).decode(), flush=True)
                """, name)
                .redirectErrorStream(true)
                .start();
        started.add(receiver);
        BufferedReader lines = receiver.inputReader(StandardCharsets.UTF_8);
        assertThat(lines.readLine()).isEqualTo("listens");
        Thread.ofVirtual().start(() -> lines.lines().forEach(told::add));
    }

    private Process launch(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(directory.resolve("err").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Process launch(Map<String, String> environment) throws IOException {
        return launch(ServiceCommand.of(directory, socket), environment);
    }

    private String err() throws IOException {
        return Files.readString(directory.resolve("err"));
    }

    private void awaitTold(String state) throws InterruptedException, IOException {
        assertThat(told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(err()).isEqualTo(state);
    }

    private String get(String path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(
                    ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
            return TestServer.readAll(channel);
        }
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void it_says_that_it_is_ready_then_that_it_serves_and_last_that_it_stops() throws Exception {
        String name = directory.resolve("notify").toString();
        listen(name);
        Process process = launch(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", USEC));
        awaitTold("READY=1");
        assertThat(get("/v1/health")).startsWith("HTTP/1.1 200 ");
        awaitTold(WATCHDOG);
        awaitTold(WATCHDOG);
        assertThat(get("/metrics"))
                .as("the watchdog's requests are nobody's")
                .contains("labeler_requests_total{route=\"/v1/health\",status=\"200\"} 1");
        process.destroy();
        assertThat(exitCode(process)).isZero();
        String last = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (WATCHDOG.equals(last)) {
            last = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertThat(last).isEqualTo("STOPPING=1");
        assertThat(err()).doesNotContain("error: ").doesNotContain("does not answer itself");
    }

    @Test
    void rules_about_peers_types_do_not_keep_the_watchdog_out() throws Exception {
        String name = "@labeler/" + UUID.randomUUID();
        listen(name);
        Path settings = directory.resolve("labeler.toml");
        Files.writeString(settings, "[service]\npeer-types = [\"nobody_t\"]\n");
        launch(
                ServiceCommand.of(directory, socket, "--config", settings.toString()),
                Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", USEC));
        awaitTold("READY=1");
        awaitTold(WATCHDOG);
        assertThat(get("/v1/health")).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void the_watchdog_of_another_process_is_not_answered() throws Exception {
        String name = directory.resolve("notify").toString();
        listen(name);
        Process process = launch(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", USEC, "WATCHDOG_PID", "1"));
        awaitTold("READY=1");
        process.destroy();
        assertThat(exitCode(process)).isZero();
        awaitTold("STOPPING=1");
    }

    @Test
    void over_the_socket_that_systemd_passes_it_asks_where_that_is() throws Exception {
        String name = directory.resolve("notify").toString();
        listen(name);
        Path passed = directory.resolve("passed.sock");
        List<String> activated = new ArrayList<>(List.of("/usr/bin/python3", "-c", """
                import os, socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.bind(sys.argv[1])
                s.listen(16)
                os.dup2(s.fileno(), 0)
                os.environ["WATCHDOG_PID"] = str(os.getpid())
                os.execv(sys.argv[2], sys.argv[2:])
                """, passed.toString()));
        activated.addAll(ServiceCommand.of(directory, socket));
        launch(activated, Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", USEC));
        awaitTold("READY=1");
        awaitTold(WATCHDOG);
    }

    private FileChannel lock(String file) throws IOException {
        Path locked = directory.resolve(file);
        Files.createDirectories(locked.getParent());
        return DirectoryLock.take(locked).orElseThrow();
    }

    private void awaitWaiting(String lock) throws InterruptedException, IOException {
        awaitTold("STATUS=waits for the end of another labelerd, which has locked " + directory.resolve(lock));
        awaitTold("READY=1");
    }

    /** A thread in a file system that does not answer keeps a process, and so its locks, whatever signal it gets. */
    @Test
    void while_the_service_before_it_has_not_ended_it_waits_and_says_so() throws Exception {
        String name = directory.resolve("notify").toString();
        listen(name);
        Process process;
        try (FileChannel _ = lock("run/labelerd.lock")) {
            try (FileChannel _ = lock("state/journal.lock")) {
                process = launch(Map.of("NOTIFY_SOCKET", name));
                awaitWaiting("state/journal.lock");
            }
            awaitWaiting("run/labelerd.lock");
        }
        awaitTold(WATCHDOG);
        awaitTold("STATUS=");
        awaitTold("READY=1");
        assertThat(get("/v1/health")).startsWith("HTTP/1.1 200 ");
        process.destroy();
        assertThat(exitCode(process)).isZero();
    }

    @Test
    void a_service_that_waits_for_the_one_before_it_ends_with_0() throws Exception {
        String name = directory.resolve("notify").toString();
        listen(name);
        try (FileChannel _ = lock("state/journal.lock")) {
            Process process = launch(Map.of("NOTIFY_SOCKET", name));
            awaitWaiting("state/journal.lock");
            process.destroy();
            assertThat(exitCode(process)).as(err()).isZero();
        }
    }

    /** More connections than the service has open at a time. A later one waits until one is dropped. */
    private static final int MORE_THAN_IT_SERVES = 300;

    @Test
    void a_service_that_answers_no_more_requests_is_silent_until_it_does_again() throws Exception {
        String name = directory.resolve("notify").toString();
        listen(name);
        launch(Map.of("NOTIFY_SOCKET", name, "WATCHDOG_USEC", USEC));
        awaitTold("READY=1");
        awaitTold(WATCHDOG);
        List<SocketChannel> stuck = new ArrayList<>();
        try {
            for (int i = 0; i < MORE_THAN_IT_SERVES; i++) {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                stuck.add(channel);
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.write(ByteBuffer.wrap(new byte[] {'G'}));
            }
            toldUntilNow(name);
            // The service drops an idle client after 10 s. In this time it would send forty messages.
            TestServer.readAll(stuck.getFirst());
            assertThat(toldUntilNow(name))
                    .as("one was under way before the last of them")
                    .hasSizeLessThanOrEqualTo(1);
        } finally {
            for (SocketChannel channel : stuck) {
                channel.close();
            }
        }
        toldUntilNow(name);
        awaitTold(WATCHDOG);
    }

    /** All messages sent before this call. The test's own mark comes after them. */
    private List<String> toldUntilNow(String name) throws Exception {
        String mark = UUID.randomUUID().toString();
        JnaLinux.create()
                .sockets()
                .send(SocketName.parse(name).orElseThrow(), mark.getBytes(StandardCharsets.US_ASCII));
        List<String> until = new ArrayList<>();
        while (true) {
            String state = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(state).as(err()).isNotNull();
            if (mark.equals(state)) {
                return until;
            }
            until.add(String.valueOf(state));
        }
    }
}
