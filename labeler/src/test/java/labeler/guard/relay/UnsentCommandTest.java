package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command with a descriptor waits until all before it is written. A guest can have its qemu answer it before. */
@Timeout(120)
class UnsentCommandTest {
    /** More than a socket holds. */
    private static final int LONG = 4 << 20;

    private final Linux linux = JnaLinux.create();
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();

    @Test
    void an_answer_to_it_ends_the_connection_and_closes_its_descriptor(@TempDir Path directory) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("monitor"));
        Descriptor descriptor = opened(directory);
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                EventLoop loop = new EventLoop()) {
            listening.bind(address);
            SocketChannel channel = SocketChannel.open(address);
            try (SocketChannel qemu = listening.accept()) {
                CompletableFuture<RealMonitor> opened = new CompletableFuture<>();
                loop.execute(() -> opened.complete(open(loop, channel)));
                negotiate(qemu);
                assertThat(ready.join()).isEqualTo("ready");

                CompletableFuture<String> id = new CompletableFuture<>();
                CompletableFuture<JsonObject> answer = new CompletableFuture<>();
                loop.execute(() -> {
                    RealMonitor monitor = opened.join();
                    monitor.send(command("query-version", true, "x".repeat(LONG)), List.of(), (_, _) -> {});
                    id.complete(monitor.send(
                            command("add-fd", false, ""),
                            List.of(descriptor),
                            (message, _) -> answer.complete(message)));
                });
                write(qemu, "{\"return\": {}, \"id\": \"" + id.join() + "\"}");

                assertThat(end.orTimeout(60, TimeUnit.SECONDS).join()).isEqualTo("qemu answers what it was not asked");
                assertThat(answer).isNotDone();
                assertThatThrownBy(descriptor::number).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    private Descriptor opened(Path directory) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        return ((OpenedFile) linux.open().open(HostPath.of(file), OpenRequest.IMAGE)).descriptor();
    }

    private static Command command(String name, boolean isOutOfBand, String argument) {
        return new Command(name, Json.object().put("argument", argument).build(), isOutOfBand, Optional.empty());
    }

    private static void negotiate(SocketChannel qemu) throws IOException {
        write(qemu, "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}");
        ByteBuffer asked = ByteBuffer.allocate(1000);
        qemu.read(asked);
        String command = StandardCharsets.UTF_8.decode(asked.flip()).toString();
        write(
                qemu,
                "{\"return\": {}, \"id\": "
                        + command.substring(command.indexOf("\"id\":") + 5).strip());
    }

    private static void write(SocketChannel channel, String line) throws IOException {
        channel.write(ByteBuffer.wrap((line + "\r\n").getBytes(StandardCharsets.UTF_8)));
    }

    private RealMonitor open(EventLoop loop, SocketChannel channel) {
        try {
            return new RealMonitor(loop, channel, linux.sockets(), new RealMonitor.Listener() {
                @Override
                public void changing() {}

                @Override
                public void ready(JsonObject greeting) {
                    ready.complete("ready");
                }

                @Override
                public void event(JsonObject event, byte[] raw) {
                    end.complete("an event");
                }

                @Override
                public void ended(String reason) {
                    end.complete(reason);
                }
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
