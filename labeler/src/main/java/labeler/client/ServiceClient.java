package labeler.client;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
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
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * Asks the service one thing at a time: HTTP/1.1 on its Unix socket, one connection for each request. Every answer is
 * bounded in size and time.
 */
public final class ServiceClient {
    /** A start waits until every label is on disk. If it takes longer than this, something hangs. */
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    /** More than any answer about one VM. Lists of all VMs are read while they arrive. */
    private static final int MAXIMUM_ANSWER = 32 << 20;

    private static final int BUFFER_SIZE = 64 << 10;

    private final Path socket;
    private final Duration patience;

    /** The socket's name, for messages. */
    private final HostPath name;

    /** The result of a request. */
    public sealed interface Outcome {}

    /** The service answered, with a success or a refusal. */
    public static final class Answered implements Outcome {
        private final int status;
        private final byte[] body;

        Answered(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }

        /** The HTTP status (RFC 9110, section 15). */
        public int status() {
            return status;
        }

        public boolean succeeded() {
            return isSuccess(status);
        }

        private static boolean isSuccess(int status) {
            return status >= 200 && status < 300;
        }

        public byte[] body() {
            return body.clone();
        }
    }

    /**
     * Nobody listens, or this user may not connect.
     *
     * @param message one line, with the way out
     */
    public record NoService(String message) implements Outcome {}

    /**
     * The connection ended too early, or the answer took too long or is not valid. The request may have been done.
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
        return send("GET", path, Optional.empty(), Optional.empty());
    }

    /** Takes the body of an answer while it arrives. */
    @FunctionalInterface
    public interface BodyReader {
        /**
         * Called once, with the connection still open.
         *
         * @throws IOException if it is cut off or not valid: the outcome is then {@link Broken}
         */
        void take(InputStream body) throws IOException;
    }

    /**
     * As {@link #get}, for an answer that may be larger than the memory.
     *
     * @param reader gets the body of a success; the outcome's body is then empty
     */
    public Outcome get(String path, BodyReader reader) {
        return send("GET", path, Optional.empty(), Optional.of(reader));
    }

    /** Posts a body of JSON, or of another type that the endpoint takes. */
    public Outcome post(String path, byte[] body) {
        return send("POST", path, Optional.of(body), Optional.empty());
    }

    private Outcome send(String method, String path, Optional<byte[]> content, Optional<BodyReader> reader) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Optional<NoService> failure = connect(channel);
            if (failure.isPresent()) {
                return failure.get();
            }
            channel.configureBlocking(false);
            try (Selector selector = Selector.open()) {
                SelectionKey key = channel.register(selector, 0);
                Timed connection = new Timed(channel, key, System.nanoTime() + patience.toNanos());
                return exchange(connection, request(method, path, content), reader);
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
                return Optional.of(new NoService(denied()));
            }
            String found = Files.exists(socket) ? "nobody listens on " : "no service: there is no ";
            return Optional.of(new NoService(
                    found + name + "; start it (systemctl start labelerd) or name its socket with --socket"));
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            return Optional.of(new NoService(name + ": not a socket's name: " + e.getMessage()));
        }
    }

    /** Who may connect: the socket says so, if this user may look at it. */
    private String denied() {
        try {
            PosixFileAttributes found = Files.readAttributes(socket, PosixFileAttributes.class);
            if (found.permissions().contains(PosixFilePermission.GROUP_WRITE)
                    && !found.group().getName().equals("root")) {
                return "only root and members of the group " + found.group().getName() + " may use " + name
                        + "; try sudo";
            }
        } catch (IOException e) {
            // The directory is closed to this user as well.
        }
        return "only root may use " + name + "; try sudo";
    }

    private static List<byte[]> request(String method, String path, Optional<byte[]> content) {
        String head = method + " " + path + " HTTP/1.1\r\nHost: labelerd\r\nConnection: close\r\n"
                + content.map(bytes -> "Content-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n")
                        .orElse("")
                + "\r\n";
        return List.of(head.getBytes(StandardCharsets.US_ASCII), content.orElseGet(() -> new byte[0]));
    }

    private Outcome exchange(Timed connection, List<byte[]> request, Optional<BodyReader> reader) throws IOException {
        try {
            for (byte[] part : request) {
                connection.write(ByteBuffer.wrap(part));
            }
        } catch (IOException e) {
            // The service refused before the body was sent in full. Its answer may be there already.
            Outcome answer = answer(connection, reader);
            return answer instanceof Broken ? new Broken(name + ": " + e.getMessage()) : answer;
        }
        return answer(connection, reader);
    }

    private Outcome answer(Timed connection, Optional<BodyReader> reader) throws IOException {
        InputStream in = new BufferedInputStream(new TimedStream(connection), BUFFER_SIZE);
        Optional<HttpAnswer> answer = HttpAnswer.read(in);
        if (answer.isEmpty()) {
            return new Broken(name + ": the connection ended before the answer did");
        }
        int status = answer.get().status();
        InputStream content = answer.get().body();
        if (Answered.isSuccess(status) && reader.isPresent()) {
            reader.get().take(content);
            return new Answered(status, new byte[0]);
        }
        byte[] whole = content.readNBytes(MAXIMUM_ANSWER + 1);
        return whole.length > MAXIMUM_ANSWER
                ? new Broken(name + ": an answer of more than " + MAXIMUM_ANSWER + " bytes")
                : new Answered(status, whole);
    }

    /** The bytes that arrive on a connection. */
    private static final class TimedStream extends InputStream {
        private final Timed connection;

        TimedStream(Timed connection) {
            this.connection = connection;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return length == 0 ? 0 : connection.read(ByteBuffer.wrap(target, offset, length));
        }
    }

    /** A channel with one deadline for all waits. */
    private record Timed(SocketChannel channel, SelectionKey key, long deadline) {
        void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    await(SelectionKey.OP_WRITE);
                }
            }
        }

        /** Reads at least one byte; -1 at the end. */
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
