package labeler.guard;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;

/** A client of a monitor, a real one or a guarded one. */
public final class QmpClient implements AutoCloseable {
    private static final UnixSockets SOCKETS = JnaLinux.create().sockets();

    private final SocketChannel channel;
    private final StringBuilder text = new StringBuilder();

    public QmpClient(Path socket) throws IOException {
        this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    public void write(String command) throws IOException {
        channel.write(ByteBuffer.wrap(command.getBytes(StandardCharsets.UTF_8)));
    }

    public void write(String command, List<Descriptor> descriptors) throws IOException {
        SOCKETS.send(channel, command.getBytes(StandardCharsets.UTF_8), descriptors);
    }

    /** The next line, which may be an event. */
    public String line() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        while (text.indexOf("\n") < 0) {
            if (channel.read(buffer.clear()) < 0) {
                throw new IOException("the connection has ended");
            }
            text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        }
        String line = text.substring(0, text.indexOf("\n")).strip();
        text.delete(0, text.indexOf("\n") + 1);
        return line;
    }

    public JsonObject message() throws IOException {
        return (JsonObject) ((JsonReader.Value) new JsonReader().read(line())).json();
    }

    /** The next message of a kind; those before it are passed over. */
    public JsonObject await(Predicate<JsonObject> wanted) throws IOException {
        while (true) {
            JsonObject message = message();
            if (wanted.test(message)) {
                return message;
            }
        }
    }

    /** The next event of this name. */
    public JsonObject event(String name) throws IOException {
        return await(message -> message.text("event").orElse("").equals(name));
    }

    /** The answer to a command; events before it are passed over. */
    public JsonObject ask(String command) throws IOException {
        write(command);
        return await(message -> message.get("event").isEmpty());
    }

    /** The same, with a descriptor of a file. */
    public JsonObject ask(String command, Path file) throws IOException {
        OpenRequest request = new OpenRequest(Access.READ_WRITE, OpenRequest.IMAGE.types(), OpenRequest.Links.FOLLOW);
        if (JnaLinux.create().open().open(HostPath.of(file), request) instanceof OpenedFile open) {
            try (open) {
                write(command, List.of(open.descriptor()));
                return await(message -> message.get("event").isEmpty());
            }
        }
        throw new AssertionError(file + " cannot be opened");
    }

    /** What a command returns. */
    public Json done(String command) throws IOException {
        JsonObject answer = ask(command);
        return answer.get("return").orElseThrow(() -> new AssertionError(command + ": " + answer));
    }

    public QmpClient negotiated() throws IOException {
        message();
        ask("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}");
        return this;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
