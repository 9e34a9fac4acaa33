package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SlowClientTest {
    private static final Limits SHORT = new Limits(
            4 << 20,
            16 << 10,
            Duration.ofMillis(600),
            Duration.ofMillis(1_500),
            32,
            32,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5));

    private static void send(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void a_client_that_sends_nothing_is_let_go(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory, TestServer.rules(), SHORT);
                SocketChannel channel = server.connect()) {
            long begin = System.nanoTime();
            TestServer.readAll(channel);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void a_client_that_drips_is_let_go_all_the_same(@TempDir Path directory) throws Exception {
        try (TestServer server = TestServer.start(directory, TestServer.rules(), SHORT);
                SocketChannel channel = server.connect()) {
            long begin = System.nanoTime();
            Thread dripping = Thread.ofPlatform().start(() -> drip(channel));
            TestServer.readAll(channel);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
            dripping.join();
        }
    }

    private static void drip(SocketChannel channel) {
        try {
            send(channel, "POST /v1/vms/a/start HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
            for (int i = 0; i < 200; i++) {
                send(channel, " ");
                Thread.sleep(100);
            }
        } catch (IOException e) {
            // The service has hung up, which is what is waited for.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void many_idle_clients_keep_nobody_out(@TempDir Path directory) throws IOException {
        List<SocketChannel> idle = new ArrayList<>();
        try (TestServer server = TestServer.start(directory, TestServer.rules(), SHORT)) {
            for (int i = 0; i < 100; i++) {
                SocketChannel channel = server.connect();
                send(channel, "GET /v1/hea");
                idle.add(channel);
            }
            assertThat(server.get("/v1/health")).startsWith("HTTP/1.1 200 ");
        } finally {
            for (SocketChannel channel : idle) {
                channel.close();
            }
        }
    }

    @Test
    void a_slow_answer_is_no_fault_of_the_client(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory, TestServer.rules(), SHORT)) {
            assertThat(server.post("/v1/vms/slow/start", "{\"domainXml\":\"<domain/>\"}"))
                    .startsWith("HTTP/1.1 200 ");
        }
    }
}
