package labeler.guard.judge;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;

/** Plays qemu at a real socket. To each command it says what a test wants it to say. */
final class LyingQemu implements AutoCloseable {
    static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 0, \"major\": 10}, \"package\": \"\"},"
                    + " \"capabilities\": [\"oob\"]}}";

    private final ServerSocketChannel listening;
    private final SocketChannel guard;
    private final SocketChannel here;
    private final Map<String, String> returned = new ConcurrentHashMap<>();
    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /** What is said to a command. */
    @FunctionalInterface
    interface Reply {
        void to(String id) throws IOException;
    }

    LyingQemu(Path socket) throws IOException {
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(socket));
        guard = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        here = listening.accept();
        returned.put("query-named-block-nodes", "[]");
        returned.put("x-debug-query-block-graph", "{\"nodes\": [], \"edges\": []}");
        returned.put("query-block", "[]");
        returned.put("query-jobs", "[]");
    }

    /** The guard's end of the connection. */
    SocketChannel guard() {
        return guard;
    }

    /** From now on it listens. */
    void begin() throws IOException {
        say(GREETING);
        Thread.ofVirtual().name("lying qemu").start(this::listen);
    }

    private void listen() {
        try (BufferedReader commands = new BufferedReader(Channels.newReader(here, StandardCharsets.UTF_8))) {
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                if (new JsonReader().read(line) instanceof JsonReader.Value(JsonObject command)) {
                    String name = command.text("execute").orElse("");
                    String id = command.text("id").orElse("");
                    asked.add(name);
                    Reply reply = replies.get(name);
                    if (reply == null) {
                        answer(id, returned.getOrDefault(name, "{}"));
                    } else {
                        reply.to(id);
                    }
                }
            }
        } catch (IOException e) {
            // The guard has had enough.
        }
    }

    /** The names of all commands until now. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    /** What it returns for a command from now on, in JSON. */
    void returns(String command, String json) {
        returned.put(command, json);
    }

    /** What it does about a command from now on. */
    void replies(String command, Reply reply) {
        replies.put(command, reply);
    }

    void answer(String id, String json) throws IOException {
        say("{\"return\": " + json + ", \"id\": \"" + id + "\"}");
    }

    /** An event; its data in JSON. */
    void event(String name, String data) throws IOException {
        say("{\"timestamp\": {\"seconds\": 1, \"microseconds\": 1}, \"event\": \"" + name + "\", \"data\": " + data
                + "}");
    }

    void say(String line) throws IOException {
        raw(line + "\r\n");
    }

    synchronized void raw(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            here.write(bytes);
        }
    }

    /** Ends its own end of the connection; the other one is the guard's. */
    void hangUp() throws IOException {
        here.close();
    }

    @Override
    public void close() throws IOException {
        here.close();
        guard.close();
        listening.close();
    }
}
