package labeler.guard.relay;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.linux.Descriptor;
import labeler.linux.UnixSockets;

/**
 * Stands between a relay and its qemu. Somebody looks at each command before qemu has it; and the connection can be cut when
 * qemu has got a command, and before its answer comes: so does a service that is killed just then.
 */
public final class MonitorTap implements AutoCloseable {
    /** The guard's questions change nothing: a kill at one of them is no other than at the command before. */
    private static final String QUESTIONS = "query-.*|x-debug-query-.*|qom-.*|device-list-properties|qmp_capabilities";

    private static final int CHUNK = 1 << 16;

    private final Path place;
    private final RealQemu qemu;
    private final UnixSockets sockets;
    private final Watcher watcher;
    private final ServerSocketChannel listening;
    private int left;
    private Runnable cut = () -> {};
    private volatile boolean isCut;

    /** Looks at a command that is no question. */
    @FunctionalInterface
    public interface Watcher {
        /**
         * Looks before qemu does.
         *
         * @param direct a client of a monitor that nobody guards
         */
        void sees(JsonObject command, QmpClient direct) throws IOException;
    }

    MonitorTap(Path place, RealQemu qemu, UnixSockets sockets, Watcher watcher) throws IOException {
        this.place = place;
        this.qemu = qemu;
        this.sockets = sockets;
        this.watcher = watcher;
        this.listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(place));
        QmpClient direct = qemu.client(qemu.thirdMonitor()).negotiated();
        Thread.ofPlatform().daemon().start(() -> accept(direct));
    }

    /** Where a relay finds qemu's monitor. */
    public Path place() {
        return place;
    }

    /** The connection ends with the n-th command from now on that is no question: qemu has it, and nobody the answer. */
    public synchronized void cutAt(int command, Runnable whenCut) {
        left = command;
        cut = whenCut;
    }

    /** Whether that has happened. A new connection begins without it. */
    public boolean isCut() {
        return isCut;
    }

    /** One connection after the other, as qemu has them. */
    private void accept(QmpClient direct) {
        try (direct) {
            while (true) {
                try (SocketChannel relay = listening.accept();
                        SocketChannel monitor = SocketChannel.open(UnixDomainSocketAddress.of(qemu.monitor()))) {
                    begin();
                    Thread answers = Thread.ofPlatform().daemon().start(() -> answers(monitor, relay));
                    commands(relay, monitor, direct);
                    monitor.shutdownOutput();
                    monitor.shutdownInput();
                    answers.join();
                    // Whoever is at the other end finds out when it is told to end.
                    while (isCut && relay.read(ByteBuffer.allocate(CHUNK)) >= 0) {
                        Thread.onSpinWait();
                    }
                }
            }
        } catch (IOException e) {
            // The test has ended, or qemu has.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void begin() {
        left = 0;
        isCut = false;
    }

    private void answers(SocketChannel monitor, SocketChannel relay) {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        try {
            while (monitor.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining() && !isCut) {
                    relay.write(buffer);
                }
            }
            if (!isCut) {
                // Not closed: a thread that waits in recvmsg(2) would wait for ever.
                relay.shutdownInput();
                relay.shutdownOutput();
            }
        } catch (IOException e) {
            // One of the two has ended.
        }
    }

    private void commands(SocketChannel relay, SocketChannel monitor, QmpClient direct) {
        StringBuilder text = new StringBuilder();
        try {
            while (!isCut) {
                UnixSockets.Received received = sockets.receive(relay, CHUNK);
                if (!received.payload().hasRemaining()) {
                    return;
                }
                text.append(StandardCharsets.UTF_8.decode(received.payload()));
                List<Descriptor> descriptors = received.descriptors();
                while (text.indexOf("\n") >= 0 && !isCut) {
                    String line = text.substring(0, text.indexOf("\n") + 1);
                    text.delete(0, line.length());
                    forward(line, descriptors, monitor, direct);
                    descriptors.forEach(Descriptor::close);
                    descriptors = List.of();
                }
            }
        } catch (IOException e) {
            // One of the two has ended.
        }
    }

    private void forward(String line, List<Descriptor> descriptors, SocketChannel monitor, QmpClient direct)
            throws IOException {
        if (new JsonReader().read(line.strip()) instanceof JsonReader.Value(JsonObject command)
                && !command.text("execute").orElse("").matches(QUESTIONS)) {
            watcher.sees(command, direct);
            isCutNow();
        }
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= CHUNK) {
            sockets.send(monitor, bytes, descriptors);
        } else {
            ByteBuffer all = ByteBuffer.wrap(bytes);
            while (all.hasRemaining()) {
                monitor.write(all);
            }
        }
    }

    /** Before qemu has the command: its answer must not get through. */
    private synchronized void isCutNow() {
        if (left > 0 && --left == 0) {
            isCut = true;
            cut.run();
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
