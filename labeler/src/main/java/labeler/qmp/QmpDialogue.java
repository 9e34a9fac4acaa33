package labeler.qmp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import org.apache.commons.io.IOUtils;

/**
 * QMP on a Unix socket. Each command has an id that qemu cannot guess, and is sent after the answer to the one before.
 * So qemu has read that one, and the socket has room for the next.
 */
final class QmpDialogue implements AutoCloseable {
    /** {@code query-named-block-nodes} on a VM with thousands of nodes. A qemu that sends more is not trusted. */
    private static final int LONGEST_LINE = 4 << 20;

    private static final int BUFFER_SIZE = 64 << 10;
    private static final int ID_SIZE = 8;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final String name;
    private final Duration patience;
    private final SecureRandom random = new SecureRandom();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Deque<byte[]> lines = new ArrayDeque<>();
    private final Consumer<QmpMessage.Event> events;
    private final long end;
    private Optional<String> broken = Optional.empty();

    /**
     * Takes over a connected, non-blocking channel.
     *
     * @param name the socket's name, for messages
     * @param patience the limit for each answer
     * @param whole the limit for the whole connection
     * @param events gets each event, in the order of qemu's lines
     */
    QmpDialogue(
            SocketChannel channel, String name, Duration patience, Duration whole, Consumer<QmpMessage.Event> events)
            throws IOException {
        this.channel = channel;
        this.name = name;
        this.patience = patience;
        this.events = events;
        this.end = System.nanoTime() + whole.toNanos();
        this.selector = Selector.open();
        this.key = channel.register(selector, SelectionKey.OP_READ);
    }

    /**
     * Reads the greeting and negotiates. Before that qemu takes no command.
     *
     * @param limit for the greeting
     */
    Answer negotiate(Duration limit) {
        try {
            long deadline = deadline(limit);
            if (!(QmpMessage.read(next(deadline, limit)) instanceof QmpMessage.Greeting)) {
                return broken("no monitor of qemu's is there");
            }
        } catch (IOException e) {
            return broken(String.valueOf(e.getMessage()));
        }
        return execute("qmp_capabilities", Json.object().build());
    }

    Answer execute(String command, JsonObject arguments) {
        return ask(command, arguments, this::write);
    }

    /** Sends the bytes of a command. */
    @FunctionalInterface
    interface Sending {
        void send(byte[] bytes, long deadline) throws IOException;
    }

    Answer ask(String command, JsonObject arguments, Sending sending) {
        if (broken.isPresent()) {
            return new Answer.Broken(broken.get());
        }
        byte[] idBytes = new byte[ID_SIZE];
        random.nextBytes(idBytes);
        String id = HexFormat.of().formatHex(idBytes);
        String text = JsonWriter.compact(Json.object()
                .put("execute", command)
                .put("arguments", arguments)
                .put("id", id)
                .build());
        try {
            long deadline = deadline(patience);
            sending.send((text + "\n").getBytes(StandardCharsets.UTF_8), deadline);
            return answer(command, id, deadline);
        } catch (IOException e) {
            return broken(command + ": " + e.getMessage());
        }
    }

    private Answer answer(String command, String id, long deadline) throws IOException {
        while (true) {
            switch (QmpMessage.read(next(deadline, patience))) {
                case QmpMessage.Event event -> events.accept(event);
                case QmpMessage.Returned(Optional<String> of, Json value)
                when of.equals(Optional.of(id)) -> {
                    return new Answer.Done(value);
                }
                case QmpMessage.Failed(Optional<String> of, String errorClass, String description)
                when of.equals(Optional.of(id)) -> {
                    return new Answer.Refused(errorClass, description);
                }
                case QmpMessage.Returned _, QmpMessage.Failed _, QmpMessage.Greeting _ -> {
                    return broken(command + ": qemu answers what it was not asked");
                }
                case QmpMessage.NotUnderstood(String message) -> {
                    return broken(command + ": " + message);
                }
            }
        }
    }

    /**
     * Waits for a line, while no command is asked.
     *
     * @return whether there was one in time, which was an event; false also for a broken connection
     */
    boolean listen(Duration limit) {
        if (broken.isPresent()) {
            return false;
        }
        try {
            Optional<byte[]> next = line(deadline(limit));
            if (next.isEmpty()) {
                return false;
            }
            if (QmpMessage.read(next.get()) instanceof QmpMessage.Event event) {
                events.accept(event);
                return true;
            }
            broken("qemu answers what it was not asked");
        } catch (IOException e) {
            broken(String.valueOf(e.getMessage()));
        }
        return false;
    }

    /** Why the connection cannot be used any more; empty if it can. */
    Optional<String> broken() {
        return broken;
    }

    private Answer.Broken broken(String message) {
        String whole = name + ": " + message;
        broken = Optional.of(whole);
        return new Answer.Broken(whole);
    }

    private long deadline(Duration limit) {
        long now = System.nanoTime();
        return now + Math.min(limit.toNanos(), end - now);
    }

    private byte[] next(long deadline, Duration limit) throws IOException {
        return line(deadline)
                .orElseThrow(() -> new IOException("qemu does not answer within " + limit.toMillis() + " ms"));
    }

    /** The next line; empty if there is none in time. */
    private Optional<byte[]> line(long deadline) throws IOException {
        while (lines.isEmpty()) {
            int read = channel.read(buffer.clear());
            if (read < 0) {
                throw new IOException("qemu closes the connection");
            }
            split(buffer.flip());
            // The deadline also holds if qemu never stops talking; what was read is kept for the next time.
            boolean isLate = deadline - System.nanoTime() <= 0;
            if (isLate || (read == 0 && !isReady(SelectionKey.OP_READ, deadline))) {
                return Optional.empty();
            }
        }
        return Optional.of(lines.remove());
    }

    private void split(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                lines.add(line.toByteArray());
                line.reset();
            } else if (line.size() >= LONGEST_LINE) {
                throw new IOException("qemu answers more than " + LONGEST_LINE + " bytes in a line");
            } else {
                line.write(next);
            }
        }
    }

    private void write(byte[] bytes, long deadline) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            if (channel.write(left) == 0 && !isReady(SelectionKey.OP_WRITE, deadline)) {
                throw new IOException("qemu does not read within " + patience.toMillis() + " ms");
            }
        }
    }

    /** Whether the channel is ready before the deadline. */
    private boolean isReady(int operation, long deadline) throws IOException {
        key.interestOps(operation);
        while (true) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            boolean ready = selector.select(left / 1_000_000 + 1) > 0;
            selector.selectedKeys().clear();
            if (ready) {
                return true;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("interrupted");
            }
        }
    }

    @Override
    public void close() {
        IOUtils.closeQuietly(selector, channel);
    }
}
