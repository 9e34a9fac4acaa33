package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import labeler.json.Json.JsonObject;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What qemu 10.0 says to whoever connects while it starts. */
@Timeout(120)
class EarlyEventsTest {
    @Test
    void an_event_before_the_greeting_is_passed_over(@TempDir Path directory) throws IOException {
        UnixSockets sockets = JnaLinux.create().sockets();
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("monitor"));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                EventLoop loop = new EventLoop()) {
            listening.bind(address);
            SocketChannel monitor = SocketChannel.open(address);
            try (SocketChannel qemu = listening.accept()) {
                CompletableFuture<String> told = new CompletableFuture<>();
                loop.execute(() -> open(loop, monitor, sockets, told));
                write(qemu, "{\"event\": \"RESUME\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 1}}");
                write(qemu, "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}");

                ByteBuffer asked = ByteBuffer.allocate(1000);
                qemu.read(asked);
                String command = StandardCharsets.UTF_8.decode(asked.flip()).toString();
                assertThat(command).contains("qmp_capabilities");
                write(
                        qemu,
                        "{\"return\": {}, \"id\": "
                                + command.substring(command.indexOf("\"id\":") + 5)
                                        .strip());

                assertThat(told.join()).isEqualTo("ready");
            }
        }
    }

    private static void write(SocketChannel channel, String line) throws IOException {
        channel.write(ByteBuffer.wrap((line + "\r\n").getBytes(StandardCharsets.UTF_8)));
    }

    private static void open(
            EventLoop loop, SocketChannel monitor, UnixSockets sockets, CompletableFuture<String> told) {
        try {
            RealMonitor _ = new RealMonitor(loop, monitor, sockets, new RealMonitor.Listener() {
                @Override
                public void changing() {}

                @Override
                public void ready(JsonObject greeting) {
                    told.complete("ready");
                }

                @Override
                public void event(JsonObject event, byte[] raw) {
                    told.complete("event");
                }

                @Override
                public void ended(String reason) {
                    told.complete(reason);
                }
            });
        } catch (IOException e) {
            told.complete(String.valueOf(e.getMessage()));
        }
    }
}
