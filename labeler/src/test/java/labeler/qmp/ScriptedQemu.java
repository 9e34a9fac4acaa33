package labeler.qmp;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A listener in place of a qemu, with a test's script. */
final class ScriptedQemu implements AutoCloseable {
    static final String GREETING = "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\n";

    /** A stand-in for the command's id in a reply. */
    static final String ID = "ID";

    static final String DONE = "{\"return\": {}, \"id\": \"ID\"}\n";

    private static final Pattern SENT_ID = Pattern.compile("\"id\":\"([0-9a-f]+)\"");

    private final Path socket;
    private final ServerSocketChannel server;
    private final Thread thread;
    private final Deque<String> replies;
    private final List<String> commands = new CopyOnWriteArrayList<>();

    private ScriptedQemu(Path socket, String greeting, List<String> replies) throws IOException {
        this.socket = socket;
        this.replies = new ArrayDeque<>(replies);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        this.thread = Thread.ofPlatform().start(() -> serve(greeting));
    }

    /**
     * A qemu that answers each command with the next of these replies, and then no more.
     *
     * @param greeting its first line
     */
    static ScriptedQemu saying(Path directory, String greeting, String... replies) throws IOException {
        return new ScriptedQemu(directory.resolve("qmp"), greeting, List.of(replies));
    }

    Path socket() {
        return socket;
    }

    /** The commands so far. */
    List<String> commands() {
        return List.copyOf(commands);
    }

    /** The commands until the client hung up, which must happen now or before. */
    List<String> allCommands() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return commands();
    }

    private void serve(String greeting) {
        try (SocketChannel channel = server.accept()) {
            write(channel, greeting);
            StringBuilder received = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
            while (channel.read(buffer.clear()) >= 0) {
                received.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                for (int end = received.indexOf("\n"); end >= 0; end = received.indexOf("\n")) {
                    String command = received.substring(0, end);
                    received.delete(0, end + 1);
                    commands.add(command);
                    Matcher id = SENT_ID.matcher(command);
                    if (id.find() && !replies.isEmpty()) {
                        write(channel, replies.remove().replace(ID, id.group(1)));
                    }
                }
            }
        } catch (IOException e) {
            // The client has gone. This ends the script.
        }
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
