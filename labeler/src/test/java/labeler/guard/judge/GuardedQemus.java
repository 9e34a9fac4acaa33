package labeler.guard.judge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import labeler.config.GuardConfig;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditEntry;
import labeler.guard.relay.Continuity;
import labeler.guard.relay.MonitorRelay;
import labeler.guard.relay.Relays;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.HostPath;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * Holds each qemu that a foreign test-suite starts on record, and stands guard before its monitor: one service for them
 * all. A wrapper in the place of qemu asks for it, by a line of JSON at a socket, and gets the place of the guarded one.
 */
public final class GuardedQemus implements AutoCloseable {
    /** The VMs' names, in the order in which free ones are taken: the first one's runtime directory has the sockets. */
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f", "g", "h");

    private final Path directory;
    private final FollowedHost host;
    private final UnixSockets sockets = JnaLinux.create().sockets();
    private final PrintStream decisions;
    private final Relays relays;
    private final LiveJudges judges;
    private final ServerSocketChannel control;
    private final Map<String, Long> running = new HashMap<>();
    private int count;

    /**
     * Begins to listen.
     *
     * @param directory for all that it keeps, with the {@code log} of its decisions; commands may name files below it
     * @param allow what the settings let pass by its name
     */
    public GuardedQemus(Path directory, List<String> allow) throws IOException {
        this.directory = directory;
        this.host = new FollowedHost(directory);
        this.decisions = new PrintStream(Files.newOutputStream(directory.resolve("log")), true, StandardCharsets.UTF_8);
        this.relays = new Relays(sockets);
        GuardConfig settings = new GuardConfig(allow, List.of(HostPath.of(directory)), Optional.empty());
        this.judges = new LiveJudges(
                host.files(),
                this::log,
                new CommandTables(),
                settings,
                new RuntimeDirectories(directory.resolve("s"), (_, _) -> {}, OptionalInt.empty()),
                host.journal(),
                new DomainLabels(settings));
        this.control = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        control.bind(UnixDomainSocketAddress.of(directory.resolve("control")));
    }

    /**
     * Serves until it is killed.
     *
     * @param arguments the directory, and what is allowed by name
     */
    public static void main(String... arguments) throws IOException {
        try (GuardedQemus guard =
                new GuardedQemus(Path.of(arguments[0]), Arrays.asList(arguments).subList(1, arguments.length))) {
            guard.serve();
        }
    }

    /** Answers one wrapper after the other, until it is closed. */
    public void serve() throws IOException {
        while (true) {
            try (SocketChannel wrapper = control.accept();
                    BufferedReader questions =
                            new BufferedReader(Channels.newReader(wrapper, StandardCharsets.UTF_8))) {
                String answer =
                        new JsonReader().read(questions.readLine()) instanceof JsonReader.Value(JsonObject question)
                                ? answer(question)
                                : "no question";
                wrapper.write(StandardCharsets.UTF_8.encode(answer + "\n"));
            }
        }
    }

    /** The place of the guarded socket; a text that is no path tells why there is none. */
    private String answer(JsonObject question) throws IOException {
        endThoseThatAreGone();
        Optional<String> free =
                NAMES.stream().filter(one -> !running.containsKey(one)).findFirst();
        if (free.isEmpty()) {
            return "more VMs at once than a test has";
        }
        String name = free.get();
        Optional<String> refusal = start(name, question);
        if (refusal.isPresent()) {
            line("START", "refused", refusal.get());
            return refusal.get();
        }
        running.put(name, question.number("pid").orElseThrow());
        SocketChannel monitor = SocketChannel.open(
                UnixDomainSocketAddress.of(question.text("monitor").orElseThrow()));
        MonitorRelay relay = relays.open(monitor, Continuity.none(), qemu -> judges.of(new VmName(name), qemu), _ -> {})
                .join();
        Path place = directory.resolve("g" + count++);
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(place));
        Thread.ofVirtual().start(() -> accept(listening, relay));
        return place.toString();
    }

    /** A wrapper has one client. */
    private void accept(ServerSocketChannel listening, MonitorRelay relay) {
        try (listening) {
            SocketChannel client = listening.accept();
            relay.accept(client, sockets.peer(client));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<String> start(String name, JsonObject question) {
        List<byte[]> argv = question.elements("argv").stream()
                .map(word -> ((JsonString) word).text().getBytes(StandardCharsets.UTF_8))
                .toList();
        QemuCommandLine line = QemuCommandLine.read(
                argv, HostPath.of(question.text("directory").orElseThrow()));
        return switch (host.lifecycle()
                .start(new StartRequest(
                        new VmName(name),
                        line.definition(),
                        Optional.of(line),
                        Optional.empty(),
                        Optional.empty(),
                        new StartRequest.Owner(0, 0),
                        StartRequest.Launch.ELSEWHERE))) {
            case StartOutcome.Started _ -> Optional.empty();
            case StartOutcome.NotStarted(var problems) -> Optional.of(problems.toString());
        };
    }

    /** A test starts a qemu when it has seen the end of the one before: all that has ended is off the record then. */
    private void endThoseThatAreGone() {
        running.entrySet().stream()
                .filter(vm -> isGone(vm.getValue()))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(name -> {
                    running.remove(name);
                    var _ = host.lifecycle().stop(new VmName(name), Optional.empty());
                });
    }

    private static boolean isGone(long pid) {
        try (Stream<String> status = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return status.anyMatch(line -> line.startsWith("State:\tZ") || line.startsWith("State:\tX"));
        } catch (IOException | UncheckedIOException e) {
            return true;
        }
    }

    private void log(AuditEntry entry) {
        line(
                entry.command()
                        .map(command -> command.name())
                        .orElse(entry.event().name()),
                entry.result().outcome().map(Enum::name).orElse("") + " "
                        + entry.result().rule().orElse(""),
                entry.result().message().orElse(""));
    }

    /** What the guard decided, for those who read why a test failed. */
    private void line(String command, String decision, String message) {
        decisions.println(
                JsonWriter.compact(Json.array(List.of(Json.of(command), Json.of(decision.strip()), Json.of(message)))));
    }

    @Override
    public void close() throws IOException {
        control.close();
        decisions.close();
        relays.close();
        host.close();
    }
}
