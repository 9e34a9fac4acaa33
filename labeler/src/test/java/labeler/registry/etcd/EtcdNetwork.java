package labeler.registry.etcd;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import org.apache.commons.io.FileUtils;

/**
 * Three real members of etcd, each in a network namespace of its own behind one bridge, which has a namespace as well. A member
 * can be killed, begin again on its data, be cut off, and hang. Tests reach it at the loopback device, from where socat(1) leads
 * by a Unix socket to the bridge: the network of the machine itself stays as it is.
 */
final class EtcdNetwork implements AutoCloseable {
    static final int MEMBERS = 3;

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path directory;
    private final String hub = "lbl" + ProcessHandle.current().pid();
    private final Map<Integer, Process> processes = new HashMap<>();
    private final Map<Integer, Integer> ports = new HashMap<>();
    private final List<Process> ways = new ArrayList<>();

    private EtcdNetwork(Path directory) {
        this.directory = directory;
    }

    static EtcdNetwork start() throws IOException, InterruptedException {
        EtcdServer.require();
        EtcdNetwork network = new EtcdNetwork(Files.createTempDirectory("labeler-etcd-"));
        boolean isComplete = false;
        try {
            network.connect();
            for (int member = 1; member <= MEMBERS; member++) {
                network.run(member);
            }
            network.await();
            isComplete = true;
            return network;
        } finally {
            if (!isComplete) {
                network.close();
            }
        }
    }

    private String namespace(int member) {
        return hub + "n" + member;
    }

    private static String address(int member) {
        return "198.18.0." + (member + 1);
    }

    private void connect() throws IOException, InterruptedException {
        call("ip", "netns", "add", hub);
        call("ip", "-n", hub, "link", "add", "bridge", "type", "bridge");
        call("ip", "-n", hub, "address", "add", "198.18.0.1/24", "dev", "bridge");
        call("ip", "-n", hub, "link", "set", "bridge", "up");
        for (int member = 1; member <= MEMBERS; member++) {
            String name = namespace(member);
            String port = "member" + member;
            call("ip", "netns", "add", name);
            call("ip", "-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name);
            call("ip", "-n", hub, "link", "set", port, "master", "bridge", "up");
            call("ip", "-n", name, "address", "add", address(member) + "/24", "dev", "eth0");
            call("ip", "-n", name, "link", "set", "eth0", "up");
            call("ip", "-n", name, "link", "set", "lo", "up");
            lead(member);
        }
    }

    /** The way from a port of the loopback device to a member. */
    private void lead(int member) throws IOException, InterruptedException {
        Path socket = directory.resolve("way" + member);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ports.put(member, free.getLocalPort());
        }
        ways.add(start(
                "ip",
                "netns",
                "exec",
                hub,
                "socat",
                "UNIX-LISTEN:" + socket + ",fork",
                "TCP:" + address(member) + ":2379"));
        ways.add(start(
                "socat",
                "TCP-LISTEN:" + ports.get(member) + ",bind=127.0.0.1,reuseaddr,fork",
                "UNIX-CONNECT:" + socket));
    }

    private Process start(String... command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("ways").toFile()))
                .start();
    }

    /** Begins, or begins again on its data. */
    void run(int member) throws IOException {
        String peer = "http://" + address(member) + ":2380";
        String client = "http://" + address(member) + ":2379";
        String all = IntStream.rangeClosed(1, MEMBERS)
                .mapToObj(one -> "n" + one + "=http://" + address(one) + ":2380")
                .collect(Collectors.joining(","));
        ProcessBuilder builder = new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                namespace(member),
                "/usr/bin/etcd",
                "--name=n" + member,
                "--data-dir=" + directory.resolve("n" + member),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + all,
                "--unsafe-no-fsync",
                "--log-level=error");
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log" + member).toFile()));
        processes.put(member, builder.start());
    }

    private URI endpoint(int member) {
        return URI.create("http://127.0.0.1:" + ports.get(member));
    }

    EtcdSettings settings() {
        return settings(
                IntStream.rangeClosed(1, MEMBERS).mapToObj(this::endpoint).toList());
    }

    private static EtcdSettings settings(List<URI> endpoints) {
        return new EtcdSettings(endpoints, Optional.empty(), Optional.empty(), DEADLINE, PATIENCE);
    }

    /** Waits until all members agree on a leader. */
    void await() throws IOException {
        eventually("the members agree on a leader", this::haveLeader);
    }

    private boolean haveLeader() throws IOException {
        List<Integer> leading = new ArrayList<>();
        int answered = 0;
        for (int member = 1; member <= MEMBERS; member++) {
            Optional<JsonObject> status = status(member);
            boolean isAnswer = status.flatMap(one -> one.text("leader")).isPresent();
            answered += isAnswer ? 1 : 0;
            if (isAnswer && isLeader(status.get())) {
                leading.add(member);
            }
        }
        return answered == MEMBERS && leading.size() == 1;
    }

    private static boolean isLeader(JsonObject status) {
        return status.text("leader")
                .equals(status.get("header")
                        .flatMap(
                                header -> header instanceof JsonObject one ? one.text("member_id") : Optional.empty()));
    }

    private Optional<JsonObject> status(int member) throws IOException {
        try (Gateway gateway = Gateway.to(settings(List.of(endpoint(member))))) {
            return gateway.ask("/v3/maintenance/status", Json.object().build())
                            instanceof Members.Answered(JsonObject json)
                    ? Optional.of(json)
                    : Optional.empty();
        }
    }

    int leader() throws IOException {
        for (int member = 1; member <= MEMBERS; member++) {
            if (status(member).filter(EtcdNetwork::isLeader).isPresent()) {
                return member;
            }
        }
        throw new IllegalStateException("no leader");
    }

    /** Ends a member at once. Its process is the one that `ip netns exec` became. */
    void kill(int member) {
        Optional.ofNullable(processes.remove(member))
                .ifPresent(process -> process.destroyForcibly().onExit().join());
    }

    /** Neither the other members nor clients reach it, or hear of it. */
    void cutOff(int member) throws IOException, InterruptedException {
        String rules = """
                table inet cut {
                    chain in {
                        type filter hook input priority 0
                        iifname eth0 drop
                    }
                    chain out {
                        type filter hook output priority 0
                        oifname eth0 drop
                    }
                }
                """;
        Path file = Files.writeString(directory.resolve("rules"), rules);
        call("ip", "netns", "exec", namespace(member), "nft", "-f", file.toString());
    }

    void heal(int member) throws IOException, InterruptedException {
        call("ip", "netns", "exec", namespace(member), "nft", "delete", "table", "inet", "cut");
    }

    /** It takes connections, and answers nothing. */
    void pause(int member) throws IOException, InterruptedException {
        signal("STOP", member);
    }

    void resume(int member) throws IOException, InterruptedException {
        signal("CONT", member);
    }

    private void signal(String name, int member) throws IOException, InterruptedException {
        Process process = Optional.ofNullable(processes.get(member)).orElseThrow();
        call("kill", "-" + name, Long.toString(process.pid()));
    }

    private static void call(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
    }

    @Override
    public void close() throws IOException {
        for (int member = 1; member <= MEMBERS; member++) {
            kill(member);
            remove("ip", "netns", "delete", namespace(member));
        }
        for (Process way : ways) {
            // One process for each connection, which ends with it.
            way.descendants().forEach(ProcessHandle::destroyForcibly);
            way.destroyForcibly().onExit().join();
        }
        remove("ip", "netns", "delete", hub);
        FileUtils.deleteDirectory(directory.toFile());
    }

    /** Whatever of it exists. */
    private static void remove(String... command) throws IOException {
        Process _ = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .onExit()
                .join();
    }
}
