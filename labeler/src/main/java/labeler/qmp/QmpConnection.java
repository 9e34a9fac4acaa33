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
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.linux.Descriptor;
import labeler.linux.UnixSockets;
import org.apache.commons.io.IOUtils;

/**
 * QMP on a Unix socket. Each command has an id that qemu cannot guess, and is sent after the answer to the one before.
 * So qemu has read that one, and the socket has room for the next.
 */
final class QmpConnection implements Monitor {
    /** {@code query-named-block-nodes} on a VM with thousands of nodes. A qemu that sends more is not trusted. */
    private static final int LONGEST_LINE = 4 << 20;

    /** The longest id of a device. No device was ever added with a longer one. */
    private static final int LONGEST_ID = 128;

    /** The limit for one whole connection: a qemu that is slow with each answer delays nobody for longer. */
    private static final Duration LONGEST_DIALOGUE = Duration.ofMinutes(3);

    /** Events kept of devices that left while nobody waited; more than a VM has devices. */
    private static final int MOST_EVENTS = 4096;

    private static final int BUFFER_SIZE = 64 << 10;
    private static final int ID_SIZE = 8;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final UnixSockets sockets;
    private final String name;
    private final Duration patience;
    private final SecureRandom random = new SecureRandom();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Deque<byte[]> lines = new ArrayDeque<>();
    private final Set<String> gone = new HashSet<>();
    private final Set<String> refusedByGuest = new HashSet<>();
    private final long end = System.nanoTime() + LONGEST_DIALOGUE.toNanos();
    private Optional<String> broken = Optional.empty();

    /**
     * Takes over a connected, non-blocking channel.
     *
     * @param name the socket's name, for messages
     */
    QmpConnection(SocketChannel channel, UnixSockets sockets, String name, Duration patience) throws IOException {
        this.channel = channel;
        this.sockets = sockets;
        this.name = name;
        this.patience = patience;
        this.selector = Selector.open();
        this.key = channel.register(selector, SelectionKey.OP_READ);
    }

    /** Reads the greeting and negotiates. Before that qemu takes no command. */
    Answer negotiate() {
        try {
            long deadline = deadline(patience);
            if (!(QmpMessage.read(next(deadline)) instanceof QmpMessage.Greeting)) {
                return broken("no monitor of qemu's is there");
            }
        } catch (IOException e) {
            return broken(String.valueOf(e.getMessage()));
        }
        return execute("qmp_capabilities", Json.object().build());
    }

    @Override
    public Answer execute(String command, JsonObject arguments) {
        return ask(command, arguments, this::write);
    }

    @Override
    public Answer addDescriptor(Descriptor descriptor, String opaque) {
        // One descriptor a message: qemu closes all others.
        return ask(
                "add-fd",
                Json.object().put("opaque", opaque).build(),
                (bytes, _) -> sockets.send(channel, bytes, List.of(descriptor)));
    }

    @FunctionalInterface
    private interface Sending {
        void send(byte[] bytes, long deadline) throws IOException;
    }

    private Answer ask(String command, JsonObject arguments, Sending sending) {
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
            switch (QmpMessage.read(next(deadline))) {
                case QmpMessage.Event event -> take(event);
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

    private void take(QmpMessage.Event event) {
        Optional<String> device = event.data().text("device").filter(id -> id.length() <= LONGEST_ID);
        if (device.isEmpty() || gone.size() + refusedByGuest.size() >= MOST_EVENTS) {
            return;
        }
        if (event.name().equals("DEVICE_DELETED")) {
            gone.add(device.get());
        } else if (event.name().equals("DEVICE_UNPLUG_GUEST_ERROR")) {
            refusedByGuest.add(device.get());
        }
    }

    @Override
    public UnplugResult awaitUnplugged(String device, Duration limit) {
        long deadline = deadline(limit);
        try {
            while (true) {
                if (broken.isPresent()) {
                    return new UnplugResult.Broken(broken.get());
                }
                if (gone.remove(device)) {
                    return new UnplugResult.Gone();
                }
                if (refusedByGuest.remove(device)) {
                    return new UnplugResult.GuestRefused();
                }
                Optional<byte[]> next = line(deadline);
                if (next.isEmpty()) {
                    return new UnplugResult.NotInTime();
                }
                if (!(QmpMessage.read(next.get()) instanceof QmpMessage.Event event)) {
                    return new UnplugResult.Broken(
                            broken("qemu answers what it was not asked").message());
                }
                take(event);
            }
        } catch (IOException e) {
            return new UnplugResult.Broken(
                    broken(String.valueOf(e.getMessage())).message());
        }
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

    private byte[] next(long deadline) throws IOException {
        return line(deadline)
                .orElseThrow(() -> new IOException("qemu does not answer within " + patience.toMillis() + " ms"));
    }

    /** The next line; empty if there is none in time. */
    private Optional<byte[]> line(long deadline) throws IOException {
        while (lines.isEmpty()) {
            int read = channel.read(buffer.clear());
            if (read < 0) {
                throw new IOException("qemu closes the connection");
            }
            // The deadline also holds if qemu never stops talking.
            if (deadline - System.nanoTime() <= 0 || (read == 0 && !isReady(SelectionKey.OP_READ, deadline))) {
                return Optional.empty();
            }
            split(buffer.flip());
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
