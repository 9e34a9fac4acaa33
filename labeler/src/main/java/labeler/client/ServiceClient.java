package labeler.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * Asks the service one thing at a time: HTTP/1.1 on its Unix socket, one connection for each request. Everything that
 * comes back is bounded, in size and in time.
 */
public final class ServiceClient {
    /** A start waits for every label to be on disk; beyond this something hangs. */
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Thousands of VMs with hundreds of files each. */
    private static final int MAXIMUM_ANSWER = 256 << 20;

    private static final int BUFFER_SIZE = 64 << 10;

    private final Path socket;
    private final Duration patience;

    /** Of the socket, for messages. */
    private final HostPath name;

    /** What came of asking. */
    public sealed interface Outcome {}

    /** The service answered, well or not. */
    public static final class Answered implements Outcome {
        private final int status;
        private final byte[] body;

        Answered(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }

        /** As in RFC 9110, section 15. */
        public int status() {
            return status;
        }

        public boolean succeeded() {
            return status >= 200 && status < 300;
        }

        public byte[] body() {
            return body.clone();
        }
    }

    /**
     * Nobody listens, or not for us.
     *
     * @param message one line, with the way out
     */
    public record NoService(String message) implements Outcome {}

    /**
     * The connection ended too early, the answer took too long or is none. What was asked for may have happened.
     *
     * @param message one line
     */
    public record Broken(String message) implements Outcome {}

    public ServiceClient(Path socket, Duration patience) {
        this.socket = socket;
        this.name = HostPath.of(socket);
        this.patience = patience;
    }

    public Outcome get(String path) {
        return send("GET", path, Optional.empty());
    }

    /** Posts a body of JSON, or of whatever else the endpoint takes. */
    public Outcome post(String path, byte[] body) {
        return send("POST", path, Optional.of(body));
    }

    private Outcome send(String method, String path, Optional<byte[]> body) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Optional<NoService> failure = connect(channel);
            if (failure.isPresent()) {
                return failure.get();
            }
            channel.configureBlocking(false);
            try (Selector selector = Selector.open()) {
                SelectionKey key = channel.register(selector, 0);
                return exchange(new Timed(channel, key, System.nanoTime() + patience.toNanos()), method, path, body);
            }
        } catch (IOException e) {
            return new Broken(name + ": " + e.getMessage());
        }
    }

    private Optional<NoService> connect(SocketChannel channel) throws IOException {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return Optional.empty();
        } catch (SocketException e) {
            String reason = e.getMessage() == null ? "" : e.getMessage();
            if (reason.contains("Permission denied")) {
                return Optional.of(new NoService(
                        "not permitted to use " + name + ": run as root or as a member of the socket's group"));
            }
            String found = Files.exists(socket) ? "nobody listens on " : "no service: there is no ";
            return Optional.of(new NoService(
                    found + name + "; start it (systemctl start labelerd) or name its socket with --socket"));
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            return Optional.of(new NoService(name + ": not a socket's name: " + e.getMessage()));
        }
    }

    private Outcome exchange(Timed connection, String method, String path, Optional<byte[]> body) throws IOException {
        byte[] content = body.orElseGet(() -> new byte[0]);
        String head = method + " " + path + " HTTP/1.1\r\nHost: labelerd\r\nConnection: close\r\n"
                + (body.isPresent()
                        ? "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n"
                        : "")
                + "\r\n";
        try {
            connection.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            connection.write(ByteBuffer.wrap(content));
        } catch (IOException e) {
            // Refused before it was sent in full: the answer that says why may be there already.
            Outcome answer = answer(connection);
            return answer instanceof Broken ? new Broken(name + ": " + e.getMessage()) : answer;
        }
        return answer(connection);
    }

    private Outcome answer(Timed connection) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        while (connection.read(buffer.clear()) >= 0) {
            received.write(buffer.array(), 0, buffer.position());
            if (received.size() > MAXIMUM_ANSWER) {
                return new Broken(name + ": an answer of more than " + MAXIMUM_ANSWER + " bytes");
            }
        }
        return HttpAnswer.parse(received.toByteArray())
                .<Outcome>map(answer -> answer)
                .orElseGet(() -> new Broken(name + ": the connection ended before the answer did"));
    }

    /** A channel whose every wait ends at the same time. */
    private record Timed(SocketChannel channel, SelectionKey key, long deadline) {
        void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    await(SelectionKey.OP_WRITE);
                }
            }
        }

        /** Reads something; -1 at the end. */
        int read(ByteBuffer target) throws IOException {
            while (true) {
                int read = channel.read(target);
                if (read != 0) {
                    return read;
                }
                await(SelectionKey.OP_READ);
            }
        }

        private void await(int operation) throws IOException {
            long remaining = (deadline - System.nanoTime()) / 1_000_000;
            key.interestOps(operation);
            if (remaining <= 0 || (key.selector().select(remaining) == 0 && deadline - System.nanoTime() <= 0)) {
                throw new IOException("no answer in time; what was asked for may still happen");
            }
            key.selector().selectedKeys().clear();
        }
    }
}
