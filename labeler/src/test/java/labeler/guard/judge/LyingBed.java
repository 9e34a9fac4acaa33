package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.config.GuardConfig;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.relay.Command;
import labeler.guard.relay.Continuity;
import labeler.guard.relay.MonitorRelay;
import labeler.guard.relay.OwnQuestion;
import labeler.guard.relay.Questions;
import labeler.guard.relay.Relays;
import labeler.journal.GuardSet;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import labeler.vm.VmName;

/** One service, the VM "liar" whose qemu lies, and the VM "two" with a real one. */
final class LyingBed implements AutoCloseable {
    /** On which a node of the liar's may have top. */
    static final long TOPS_SET = 5;

    private final UnixSockets sockets = JnaLinux.create().sockets();
    private final Path root;
    private final FollowedHost host;
    private final Relays relays;
    private final LiveJudges judges;
    private final List<AuditEntry> entries = new CopyOnWriteArrayList<>();
    private final AtomicInteger endedJobs = new AtomicInteger();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final LyingQemu liar;
    private final RealQemu real;
    private final QmpClient other;
    private final List<QmpClient> clients = new CopyOnWriteArrayList<>();
    private final Duration patience;
    private final Map<String, Runnable> before = new ConcurrentHashMap<>();
    private final String image;

    /** The guard's own questions, with less patience. */
    private record Hasty(Questions qemu, Duration patience, Map<String, Runnable> before) implements Questions {
        @Override
        public OwnQuestion ask(Command command, List<Descriptor> descriptors) {
            Optional.ofNullable(before.remove(command.name())).ifPresent(Runnable::run);
            return qemu.ask(command, descriptors);
        }
    }

    /** The liar writes top and reads base; the other VM writes theirs; free is nobody's. */
    LyingBed(Path root) throws IOException {
        this(root, GuardConfig.DEFAULT, Duration.ofSeconds(30));
    }

    /** @param patience of the liar's judge */
    LyingBed(Path root, GuardConfig settings, Duration patience) throws IOException {
        this.root = root;
        this.patience = patience;
        this.host = new FollowedHost(root);
        JudgedQemu.make(host, "base", "");
        JudgedQemu.make(host, "top", "base");
        JudgedQemu.make(host, "theirs", "");
        JudgedQemu.make(host, "free", "");
        this.image = host.start("liar", host.image("top", ImageFormat.QCOW2, Access.READ_WRITE));
        host.journal().recordSets(new VmName("liar"), Map.of(TOPS_SET, new GuardSet(host.hostPath("top"), true)));
        host.start("two", host.image("theirs", ImageFormat.QCOW2, Access.READ_WRITE));
        this.relays = new Relays(sockets);
        this.judges = new LiveJudges(
                host.files(),
                this::log,
                new CommandTables(),
                settings,
                new RuntimeDirectories(root.resolve("run"), (_, _) -> {}, OptionalInt.empty()),
                host.journal(),
                new DomainLabels(GuardConfig.DEFAULT));
        this.real = new RealQemu(Files.createDirectory(root.resolve("two")), List.of("-M", "none"));
        this.liar = new LyingQemu(root.resolve("lies"));
        try (QmpClient direct = real.client(real.otherMonitor()).negotiated()) {
            liar.returns("query-qmp-schema", JsonWriter.compact(direct.done("{'execute':'query-qmp-schema'}")));
        }
        graph(Map.of("top-file", path("top"), "base-file", path("base")));
        SocketChannel monitor = SocketChannel.open(UnixDomainSocketAddress.of(real.monitor()));
        guard("two", monitor, new CompletableFuture<>());
        guard("liar", liar.guard(), end);
        this.other = new QmpClient(root.resolve("guarded-two")).negotiated();
    }

    /** A service's log is on disk; what a liar tells of without end is only counted here. */
    private void log(AuditEntry entry) {
        if (entry.event() == AuditEvent.JOB_ENDED) {
            endedJobs.incrementAndGet();
        } else {
            entries.add(entry);
        }
    }

    private void guard(String vm, SocketChannel qemu, CompletableFuture<String> told) throws IOException {
        MonitorRelay relay = relays.open(
                        qemu,
                        Continuity.none(),
                        questions -> judges.of(new VmName(vm), new Hasty(questions, patience, before)),
                        told::complete)
                .join();
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(root.resolve("guarded-" + vm)));
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    SocketChannel client = listening.accept();
                    relay.accept(client, sockets.peer(client));
                }
            } catch (IOException e) {
                // The test has ended.
            }
        });
    }

    /** This happens once, just before a judge asks such a question. */
    void beforeQuestion(String command, Runnable action) {
        before.put(command, action);
    }

    /** The messages on record about a command. */
    List<String> said(String command) {
        return entries.stream()
                .filter(entry -> entry.command()
                        .filter(asked -> asked.name().equals(command))
                        .isPresent())
                .flatMap(entry -> entry.result().message().stream())
                .toList();
    }

    /** A node of qcow2 on each of these file nodes; the lower of a chain is not told. */
    void graph(Map<String, Path> files) {
        StringBuilder nodes = new StringBuilder();
        StringBuilder names = new StringBuilder();
        StringBuilder edges = new StringBuilder();
        int id = 1;
        for (Map.Entry<String, Path> file : new TreeMap<>(files).entrySet()) {
            String name = file.getKey().replace("-file", "");
            boolean isReadOnly = name.equals("base");
            String comma = id == 1 ? "" : ", ";
            nodes.append(comma).append(node(file.getKey(), "file", isReadOnly, file.getValue()));
            nodes.append(", ").append(node(name, "qcow2", isReadOnly, file.getValue()));
            names.append(comma)
                    .append("{\"id\": " + id + ", \"type\": \"block-driver\", \"name\": \"" + file.getKey()
                            + "\"}, {\"id\": " + (id + 1) + ", \"type\": \"block-driver\", \"name\": \"" + name
                            + "\"}");
            edges.append(comma)
                    .append("{\"parent\": " + (id + 1) + ", \"child\": " + id + ", \"name\": \"file\", \"perm\": ["
                            + (isReadOnly ? "" : "\"write\"") + "], \"shared-perm\": []}");
            id += 2;
        }
        liar.returns("query-named-block-nodes", "[" + nodes + "]");
        liar.returns("x-debug-query-block-graph", "{\"nodes\": [" + names + "], \"edges\": [" + edges + "]}");
    }

    private static String node(String name, String driver, boolean isReadOnly, Path file) {
        return "{\"node-name\": \"" + name + "\", \"drv\": \"" + driver + "\", \"ro\": " + isReadOnly + ", \"file\": \""
                + file + "\"}";
    }

    LyingQemu liar() {
        return liar;
    }

    FollowedHost host() {
        return host;
    }

    Path path(String name) {
        return host.path(name);
    }

    String image() {
        return image;
    }

    /** A client of the liar, until the bed is closed. */
    QmpClient client() throws IOException {
        QmpClient client = new QmpClient(root.resolve("guarded-liar")).negotiated();
        clients.add(client);
        return client;
    }

    /**
     * A client of a liar that begins now. The guard has looked at it: the first look comes before the first judgement. On a
     * busy machine a look takes longer than the guard of this bed waits, and is made again.
     */
    QmpClient begun() throws IOException {
        liar.begin();
        QmpClient client = client();
        eventually("the guard has looked", () -> {
            JsonObject answer = client.ask(removal());
            boolean isEarly = answer.toString().contains("the guard cannot judge now");
            assertThat(isEarly || answer.get("return").isPresent())
                    .as(answer.toString())
                    .isTrue();
            return !isEarly;
        });
        return client;
    }

    /** A command that needs no file. */
    static String removal() {
        return RuleCase.command("blockdev-del", "'node-name':'x'");
    }

    /** Until when the liar holds this file: the ends of its holds. */
    List<String> ends(String file) {
        HostPath path = HostPath.of(path(file));
        return host.holds("liar").stream()
                .filter(hold -> hold.path().equals(path))
                .map(hold -> hold.trigger().text())
                .toList();
    }

    /** Why the guard has ended the liar's monitor, once it has. */
    String end() {
        return end.join();
    }

    boolean isEnded() {
        return end.isDone();
    }

    /** How many jobs' ends are on record. */
    int endedJobs() {
        return endedJobs.get();
    }

    List<String> drift() {
        return entries.stream()
                .filter(entry -> entry.event() == AuditEvent.DRIFT)
                .map(AuditEntry::toString)
                .toList();
    }

    /** The other VM has its answer. */
    void assertOtherIsServed() throws IOException {
        assertThat(other.ask("{'execute':'query-name'}").get("return")).isPresent();
        assertThat(other.ask("{'execute':'blockdev-del','arguments':{'node-name':'nothing'}}")
                        .get("error"))
                .isPresent();
    }

    /** The labels of all images. */
    Map<String, String> labels() throws IOException {
        Map<String, String> labels = new TreeMap<>();
        try (Stream<Path> files = Files.list(host.path(""))) {
            files.map(Path::getFileName).map(Path::toString).forEach(name -> labels.put(name, host.label(name)));
        }
        return labels;
    }

    @Override
    public void close() throws IOException {
        for (QmpClient client : clients) {
            client.close();
        }
        liar.close();
        other.close();
        relays.close();
        real.close();
        host.close();
    }
}
