package labeler.etcd;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
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
import org.apache.commons.io.FileUtils;

/**
 * Three real members of one etcd on the loopback device, for what measures: no namespace and no second program is on the way
 * to them. Each can be killed, and begin again on its data.
 */
public final class EtcdMembers implements AutoCloseable {
    public static final int MEMBERS = 3;

    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** A quorum of those that are left has to answer one that asks for what all have agreed on. */
    private static final Transaction QUESTION = Transaction.reading(List.of(new Transaction.Read("/")));

    private final Path directory;
    private final List<String> more;
    private final List<Integer> ports;
    private final Map<Integer, Process> processes = new HashMap<>();

    private EtcdMembers(Path directory, List<String> more) throws IOException {
        this.directory = directory;
        this.more = List.copyOf(more);
        this.ports = freePorts();
    }

    /**
     * All three, which answer.
     *
     * @param more arguments of each
     */
    public static EtcdMembers start(List<String> more) throws IOException {
        EtcdProgram.require();
        EtcdMembers members = new EtcdMembers(Files.createTempDirectory("labeler-etcd-"), more);
        boolean isComplete = false;
        try {
            for (int member = 0; member < MEMBERS; member++) {
                members.run(member);
            }
            members.await();
            isComplete = true;
            return members;
        } finally {
            if (!isComplete) {
                members.close();
            }
        }
    }

    /** One for clients and one for the other members, of each. */
    private static List<Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int port = 0; port < 2 * MEMBERS; port++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private String peer(int member) {
        return "http://127.0.0.1:" + ports.get(MEMBERS + member);
    }

    private URI endpoint(int member) {
        return URI.create("http://127.0.0.1:" + ports.get(member));
    }

    public List<URI> endpoints() {
        return IntStream.range(0, MEMBERS).mapToObj(this::endpoint).toList();
    }

    /** A way of one client's own to all of them; it asks this one first. */
    public EtcdSettings settings(int first) {
        List<URI> endpoints = IntStream.range(0, MEMBERS)
                .mapToObj(member -> endpoint((first + member) % MEMBERS))
                .toList();
        return settings(endpoints);
    }

    private static EtcdSettings settings(List<URI> endpoints) {
        return new EtcdSettings(endpoints, Optional.empty(), Optional.empty(), DEADLINE, PATIENCE);
    }

    /** Begins, or begins again on its data. */
    public void run(int member) throws IOException {
        String all = IntStream.range(0, MEMBERS)
                .mapToObj(one -> "n" + one + "=" + peer(one))
                .collect(Collectors.joining(","));
        List<String> command = new ArrayList<>(List.of(
                EtcdProgram.PATH.toString(),
                "--name=n" + member,
                "--data-dir=" + directory.resolve("n" + member),
                "--listen-client-urls=" + endpoint(member),
                "--advertise-client-urls=" + endpoint(member),
                "--listen-peer-urls=" + peer(member),
                "--initial-advertise-peer-urls=" + peer(member),
                "--initial-cluster=" + all,
                "--log-level=error"));
        command.addAll(more);
        processes.put(
                member,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                directory.resolve("log" + member).toFile()))
                        .start());
    }

    /** Waits until each member that runs answers, which takes a quorum. */
    public void await() throws IOException {
        for (int member : List.copyOf(processes.keySet())) {
            try (Gateway gateway = Gateway.to(settings(List.of(endpoint(member))))) {
                eventually(
                        "member " + member + " answers",
                        () -> gateway.ask("/v3/kv/txn", QUESTION.json()) instanceof Members.Answered);
            }
        }
    }

    /** Ends a member at once. */
    public void kill(int member) {
        Optional.ofNullable(processes.remove(member))
                .ifPresent(process -> process.destroyForcibly().onExit().join());
    }

    /** The size of a member's database. */
    public long databaseBytes(int member) throws IOException {
        return Files.size(directory.resolve("n" + member).resolve("member/snap/db"));
    }

    @Override
    public void close() throws IOException {
        for (int member = 0; member < MEMBERS; member++) {
            kill(member);
        }
        FileUtils.deleteDirectory(directory.toFile());
    }
}
