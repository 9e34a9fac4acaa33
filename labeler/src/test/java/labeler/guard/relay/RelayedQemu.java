package labeler.guard.relay;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.linux.Descriptor;
import labeler.linux.Linux;
import labeler.linux.jna.JnaLinux;

/** A real qemu, a relay before its monitor, and clients of either. */
final class RelayedQemu implements AutoCloseable {
    private final Linux linux = JnaLinux.create();
    private final EventLoop loop = new EventLoop();
    private final Process process;
    private final Path direct;
    private final Path guarded;
    private final ServerSocketChannel listening;
    private final List<Client> clients = new ArrayList<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();

    /** @param arguments more of qemu's */
    RelayedQemu(Path directory, Judge judge, String... arguments) throws IOException {
        direct = directory.resolve("direct");
        Path real = directory.resolve("real");
        guarded = directory.resolve("guarded");
        List<String> command = new ArrayList<>(List.of(
                "qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S",
                "-qmp", "unix:" + real + ",server=on,wait=off",
                "-qmp", "unix:" + direct + ",server=on,wait=off"));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(guarded));
        SocketChannel monitor = connect(real);
        CompletableFuture<MonitorRelay> made = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                made.complete(new MonitorRelay(loop, monitor, linux.sockets(), judge, end::complete));
            } catch (IOException e) {
                made.completeExceptionally(e);
            }
        });
        MonitorRelay relay = made.join();
        Thread.ofVirtual().start(() -> accept(relay));
    }

    private void accept(MonitorRelay relay) {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                relay.accept(client, linux.sockets().peer(client));
            }
        } catch (IOException e) {
            // The test has ended.
        }
    }

    private SocketChannel connect(Path socket) throws IOException {
        while (true) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException(Files.readString(socket.resolveSibling("stderr")), e);
                }
                Thread.onSpinWait();
            }
        }
    }

    Linux linux() {
        return linux;
    }

    Process process() {
        return process;
    }

    /** Why the relay has ended, once it has. */
    String end() {
        return end.join();
    }

    Client guardedClient() throws IOException {
        return client(guarded);
    }

    Client directClient() throws IOException {
        return client(direct);
    }

    private Client client(Path socket) throws IOException {
        Client client = new Client(connect(socket));
        clients.add(client);
        return client;
    }

    /** Speaks QMP. */
    final class Client implements AutoCloseable {
        private final SocketChannel channel;
        private final StringBuilder text = new StringBuilder();

        private Client(SocketChannel channel) {
            this.channel = channel;
        }

        SocketChannel channel() {
            return channel;
        }

        void write(String text) throws IOException {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }

        void write(String text, List<Descriptor> descriptors) throws IOException {
            linux.sockets().send(channel, text.getBytes(StandardCharsets.UTF_8), descriptors);
        }

        /** The next line, which may be an event. */
        String line() throws IOException {
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

        JsonObject message() throws IOException {
            return (JsonObject) ((JsonReader.Value) new JsonReader().read(line())).json();
        }

        /** The answer to a command. */
        JsonObject ask(String command) throws IOException {
            write(command);
            while (true) {
                JsonObject message = message();
                if (message.get("event").isEmpty()) {
                    return message;
                }
            }
        }

        Client negotiated() throws IOException {
            message();
            ask("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}");
            return this;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Client client : clients) {
            client.close();
        }
        listening.close();
        process.destroy();
        process.onExit().join();
        loop.close();
    }
}
