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
import labeler.etcd.EtcdProgram;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import org.apache.commons.io.FileUtils;

/**
 * Three real members of etcd, each in a network namespace of its own behind one bridge, which has a namespace as well. A member
 * can be killed, begin again on its data, be cut off, and hang. Tests reach it at the loopback device, from where socat(1) leads
 * by a Unix socket to the bridge: the network of the machine itself stays as it is. Hosts may have namespaces behind the bridge
 * too, and each of them can be cut off.
 */
public final class EtcdNetwork implements EtcdForHosts {
    static final int MEMBERS = 3;

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path directory;
    private final List<String> hosts;
    private final String hub = "lbl" + ProcessHandle.current().pid();
    private final Map<Integer, Process> processes = new HashMap<>();
    private final Map<Integer, Integer> ports = new HashMap<>();
    private final List<Process> ways = new ArrayList<>();

    private EtcdNetwork(Path directory, List<String> hosts) {
        this.directory = directory;
        this.hosts = List.copyOf(hosts);
    }

    static EtcdNetwork start() throws IOException, InterruptedException {
        return start(List.of());
    }

    /**
     * Three members that answer.
     *
     * @param hosts names of those that reach the members from a namespace of their own, through {@link #before}
     */
    public static EtcdNetwork start(List<String> hosts) throws IOException, InterruptedException {
        EtcdProgram.require();
        EtcdNetwork network = new EtcdNetwork(Files.createTempDirectory("labeler-etcd-"), hosts);
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

    private String namespace(String host) {
        return hub + "h" + host;
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
            connect(namespace(member), "member" + member, address(member));
            lead(member);
        }
        for (int host = 0; host < hosts.size(); host++) {
            connect(namespace(hosts.get(host)), "host" + host, "198.18.0." + (100 + host));
        }
    }

    private void connect(String name, String port, String address) throws IOException, InterruptedException {
        call("ip", "netns", "add", name);
        call("ip", "-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name);
        call("ip", "-n", hub, "link", "set", port, "master", "bridge", "up");
        call("ip", "-n", name, "address", "add", address + "/24", "dev", "eth0");
        call("ip", "-n", name, "link", "set", "eth0", "up");
        call("ip", "-n", name, "link", "set", "lo", "up");
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
    public void run(int member) throws IOException {
        String peer = "http://" + address(member) + ":2380";
        String client = client(member);
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

    private static String client(int member) {
        return "http://" + address(member) + ":2379";
    }

    private URI endpoint(int member) {
        return URI.create("http://127.0.0.1:" + ports.get(member));
    }

    @Override
    public EtcdSettings settings() {
        return settings(
                IntStream.rangeClosed(1, MEMBERS).mapToObj(this::endpoint).toList());
    }

    private static EtcdSettings settings(List<URI> endpoints) {
        return new EtcdSettings(endpoints, Optional.empty(), Optional.empty(), DEADLINE, PATIENCE);
    }

    /** The leader comes first: what becomes of it concerns a host's next question. */
    @Override
    public List<URI> endpoints(String host) throws IOException {
        int leader = leader();
        return IntStream.range(0, MEMBERS)
                .map(next -> (leader - 1 + next) % MEMBERS + 1)
                .mapToObj(member -> hosts.contains(host) ? URI.create(client(member)) : endpoint(member))
                .toList();
    }

    /** The default: one member may have to ask another one. */
    @Override
    public int deadline() {
        return 2;
    }

    /** Not by ip(8), which would give it mounts of its own as well. */
    @Override
    public List<String> before(String host) {
        return hosts.contains(host) ? List.of("nsenter", "--net=/run/netns/" + namespace(host)) : List.of();
    }

    /** Waits until all members agree on a leader. */
    public void await() throws IOException {
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

    public int leader() throws IOException {
        for (int member = 1; member <= MEMBERS; member++) {
            if (status(member).filter(EtcdNetwork::isLeader).isPresent()) {
                return member;
            }
        }
        throw new IllegalStateException("no leader");
    }

    /** Ends a member at once. Its process is the one that `ip netns exec` became. */
    public void kill(int member) {
        Optional.ofNullable(processes.remove(member))
                .ifPresent(process -> process.destroyForcibly().onExit().join());
    }

    /** Neither the other members nor clients reach it, or hear of it. */
    void cutOff(int member) throws IOException, InterruptedException {
        cutOff(namespace(member));
    }

    /** A host, and nobody else, reaches no member any more. */
    public void cutOffHost(String host) throws IOException, InterruptedException {
        cutOff(namespace(host));
    }

    private void cutOff(String namespace) throws IOException, InterruptedException {
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
        call("ip", "netns", "exec", namespace, "nft", "-f", file.toString());
    }

    void heal(int member) throws IOException, InterruptedException {
        heal(namespace(member));
    }

    public void healHost(String host) throws IOException, InterruptedException {
        heal(namespace(host));
    }

    private static void heal(String namespace) throws IOException, InterruptedException {
        call("ip", "netns", "exec", namespace, "nft", "delete", "table", "inet", "cut");
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
        for (String host : hosts) {
            remove("ip", "netns", "delete", namespace(host));
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
