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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import labeler.http.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
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

    /** The service drops a client only for a request that takes too long, even if this machine pauses. */
    private static final Limits NEVER_IDLE = new Limits(
            4 << 20,
            16 << 10,
            Duration.ofHours(1),
            Duration.ofMillis(1_500),
            32,
            32,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5));

    private static final Duration DRIP = Duration.ofMillis(50);

    private static void send(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void a_client_that_sends_nothing_is_let_go(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory, TestServer.rules(), SHORT);
                SocketChannel channel = server.connect()) {
            // It must only end. The time limit of the test checks this.
            TestServer.readAll(channel);
        }
    }

    @Test
    void a_client_that_drips_is_let_go_all_the_same(@TempDir Path directory) throws Exception {
        try (TestServer server = TestServer.start(directory, TestServer.rules(), NEVER_IDLE);
                SocketChannel channel = server.connect()) {
            CountDownLatch letGo = new CountDownLatch(1);
            Thread dripping = Thread.ofPlatform().start(() -> drip(channel, letGo));
            readUntilItIsLetGo(channel);
            letGo.countDown();
            dripping.join();
        }
    }

    /** A service that drops a client with bytes of his unread resets the connection. */
    private static void readUntilItIsLetGo(SocketChannel channel) {
        try {
            TestServer.readAll(channel);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    /** Sends a body without end, byte after byte, until the service drops the client. */
    private static void drip(SocketChannel channel, CountDownLatch letGo) {
        try {
            send(channel, "POST /v1/vms/a/start HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
            while (!letGo.await(DRIP.toMillis(), TimeUnit.MILLISECONDS)) {
                send(channel, " ");
            }
        } catch (IOException e) {
            // The service dropped it in the middle.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void many_idle_clients_keep_nobody_out(@TempDir Path directory) throws IOException {
        List<SocketChannel> idle = new ArrayList<>();
        try (TestServer server = TestServer.start(directory, TestServer.rules(), SHORT)) {
            try {
                for (int i = 0; i < 100; i++) {
                    SocketChannel channel = server.connect();
                    idle.add(channel);
                    beginRequest(channel);
                }
                assertThat(server.get("/v1/health")).startsWith("HTTP/1.1 200 ");
            } finally {
                // Before the end of the server, which waits for its clients.
                for (SocketChannel channel : idle) {
                    channel.close();
                }
            }
        }
    }

    private static void beginRequest(SocketChannel channel) {
        try {
            send(channel, "GET /v1/hea");
        } catch (IOException e) {
            // This machine paused, and the service has dropped the client as idle already.
        }
    }

    @Test
    void a_slow_answer_is_no_fault_of_the_client(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory, TestServer.rules(), SHORT)) {
            Thread.ofVirtual().start(() -> endAfterAllLimits(server));
            assertThat(server.post("/v1/vms/slow/start", "{\"domainXml\":\"<domain/>\"}"))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    /** Ends a start later than the limits of a request and an idle client. A still later end changes nothing. */
    private static void endAfterAllLimits(TestServer server) {
        try {
            server.lifecycle().awaitSlowStart();
            Thread.sleep(SHORT.requestTime().plus(SHORT.idleTime()));
            server.lifecycle().endSlowStart();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_large_body_for_which_there_is_no_room_is_answered_so_and_small_ones_go_on(@TempDir Path directory)
            throws IOException {
        int largest = 64 << 10;
        Limits narrow = new Limits(
                largest,
                16 << 10,
                Duration.ofHours(1),
                Duration.ofHours(1),
                256,
                256,
                Duration.ofMillis(100),
                Duration.ofSeconds(5));
        String some = " ".repeat(40_000);
        List<SocketChannel> slow = new ArrayList<>();
        try (TestServer server = TestServer.start(directory, TestServer.rules(), narrow)) {
            try {
                String answer = "";
                // Two slow clients take all room, but not one that comes while a request of this test has some of it.
                while (!answer.startsWith("HTTP/1.1 503 ")) {
                    SocketChannel channel = server.connect();
                    slow.add(channel);
                    send(
                            channel,
                            "POST /v1/plan HTTP/1.1\r\nHost: x\r\nContent-Length: " + largest + "\r\n\r\n" + some);
                    answer = server.post("/v1/plan", some);
                }
                assertThat(answer).contains("BUSY");
                assertThat(server.post("/v1/plan", "{}")).startsWith("HTTP/1.1 400 ");
                assertThat(server.get("/v1/health")).startsWith("HTTP/1.1 200 ");
            } finally {
                for (SocketChannel channel : slow) {
                    channel.close();
                }
            }
        }
    }
}
