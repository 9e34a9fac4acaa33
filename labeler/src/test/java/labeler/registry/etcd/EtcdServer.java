package labeler.registry.etcd;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.etcd.EtcdProgram;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.json.Json;
import org.apache.commons.io.FileUtils;

/** One real member of etcd, alone in its cluster, on the loopback device. It keeps its data until it is closed. */
public final class EtcdServer implements EtcdForHosts {
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path directory;
    private final List<String> more;
    private final String scheme;
    private final int port;
    private final int peerPort;
    private Optional<Process> process = Optional.empty();

    private EtcdServer(Path directory, String scheme, List<String> more) throws IOException {
        this.directory = directory;
        this.scheme = scheme;
        this.more = List.copyOf(more);
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = one.getLocalPort();
            this.peerPort = other.getLocalPort();
        }
    }

    /** One that answers. */
    public static EtcdServer start() throws IOException, InterruptedException {
        EtcdServer server = start("http", List.of());
        boolean isComplete = false;
        try {
            server.await(server.settings());
            isComplete = true;
            return server;
        } finally {
            if (!isComplete) {
                server.close();
            }
        }
    }

    /**
     * Starts one that may not answer yet.
     *
     * @param more arguments
     */
    public static EtcdServer start(String scheme, List<String> more) throws IOException, InterruptedException {
        EtcdProgram.require();
        EtcdServer server = new EtcdServer(Files.createTempDirectory("labeler-etcd-"), scheme, more);
        server.run();
        return server;
    }

    /** Begins again on its data. */
    public void run() throws IOException {
        String client = scheme + "://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + peerPort;
        List<String> command = new ArrayList<>(List.of(
                EtcdProgram.PATH.toString(),
                "--name=alone",
                "--data-dir=" + directory.resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=alone=" + peer,
                "--unsafe-no-fsync",
                "--log-level=error"));
        command.addAll(more);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()));
        process = Optional.of(builder.start());
    }

    public URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + port);
    }

    @Override
    public EtcdSettings settings() {
        return new EtcdSettings(List.of(endpoint()), Optional.empty(), Optional.empty(), DEADLINE, PATIENCE);
    }

    /** Waits until it answers. */
    public void await(EtcdSettings settings) throws IOException {
        try (Gateway gateway = Gateway.to(settings)) {
            eventually("etcd answers", () -> {
                if (!process.orElseThrow().isAlive()) {
                    fail("etcd has ended: " + Files.readString(directory.resolve("log")));
                }
                return !(gateway.ask("/v3/maintenance/status", Json.object().build()) instanceof Members.Lost);
            });
        }
    }

    /** Keeps what it has now. It does not run. */
    public void keepCopy() throws IOException {
        FileUtils.copyDirectory(
                directory.resolve("data").toFile(), directory.resolve("copy").toFile());
    }

    /** Has what it had when the copy was made, and nothing since. It does not run. */
    public void takeCopyBack() throws IOException {
        FileUtils.deleteDirectory(directory.resolve("data").toFile());
        FileUtils.copyDirectory(
                directory.resolve("copy").toFile(), directory.resolve("data").toFile());
    }

    /** Has nothing any more. It does not run. */
    public void loseData() throws IOException {
        FileUtils.deleteDirectory(directory.resolve("data").toFile());
    }

    /** Takes no writes, as one whose database is as large as it may be, or does again. */
    public void outOfSpace(boolean isFull) throws IOException {
        try (Gateway gateway = Gateway.to(settings())) {
            Members.Reply reply = gateway.ask(
                    "/v3/maintenance/alarm",
                    Json.object()
                            .put("action", isFull ? "ACTIVATE" : "DEACTIVATE")
                            .put("alarm", "NOSPACE")
                            .put("memberID", "1")
                            .build());
            if (!(reply instanceof Members.Answered)) {
                fail("etcd sets no alarm: " + reply);
            }
        }
    }

    public void kill() {
        process.orElseThrow().destroyForcibly().onExit().join();
        process = Optional.empty();
    }

    /** Runs, and answers nothing until {@link #resume}. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        long pid = process.orElseThrow().pid();
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start();
        if (kill.waitFor() != 0) {
            fail("etcd cannot be sent " + name);
        }
    }

    @Override
    public void close() throws IOException {
        if (process.isPresent()) {
            kill();
        }
        FileUtils.deleteDirectory(directory.toFile());
    }
}
