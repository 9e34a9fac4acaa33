package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Permitted clients that ask for more than their part. They can neither end the service nor make others wait. */
@Timeout(300)
class PushyClientsIT {
    private static final int LARGEST_BODY = 4 << 20;

    @AutoClose
    private final ServiceFixture service;

    PushyClientsIT(@TempDir Path temporary) {
        service = new ServiceFixture(temporary);
    }

    /** Nothing of a request stays in memory. A timer for each, kept for 30 s, was once too much for the heap. */
    @Test
    void many_cheap_requests_in_a_row_leave_nothing_behind() throws IOException {
        // The heap is smaller than the shipped one, so a few seconds here are like a minute there.
        service.launch("env", "LABELER_JAVA_OPTIONS=-Xms16m -Xmx28m -Dlabeler.rehearsal=false");
        service.awaitAnswer();
        for (int i = 0; i < 12_000; i++) {
            assertThat(answerTo("GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n", new byte[0]))
                    .as("request %d; the service said: %s", i, service.log())
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void slow_bodies_keep_nobody_else_waiting() throws IOException {
        service.start();
        List<SocketChannel> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                SocketChannel channel = connect();
                slow.add(channel);
                write(channel, head("/v1/vms/slow/start", 1000) + " ");
            }
            // Shorter than the time after which slow clients are dropped, so all are still there.
            assertThat(answerTo("GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n", new byte[0]))
                    .startsWith("HTTP/1.1 200");
            assertThat(answerTo(head("/v1/vms/none/stop", 0), new byte[0])).startsWith("HTTP/1.1 404");
            for (SocketChannel channel : slow) {
                assertThat(isOpen(channel)).isTrue();
            }
        } finally {
            for (SocketChannel channel : slow) {
                channel.close();
            }
        }
    }

    private static boolean isOpen(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        return channel.read(ByteBuffer.allocate(1)) == 0;
    }

    @Test
    void many_large_bodies_at_once_are_each_answered_and_end_nothing() throws IOException {
        service.startAsOnAHost();
        byte[] body = ("{\"name\":\"vm\",\"domainXml\":\"" + "<x/>".repeat(LARGEST_BODY / 4 - 100) + "\"}")
                .getBytes(StandardCharsets.US_ASCII);
        Queue<String> answers = new ConcurrentLinkedQueue<>();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            clients.add(Thread.ofPlatform().start(() -> {
                try {
                    answers.add(answerTo(head("/v1/plan", body.length), body));
                } catch (IOException e) {
                    answers.add(String.valueOf(e));
                }
            }));
        }
        for (Thread client : clients) {
            join(client);
        }
        assertThat(service.isAlive()).as(service.log()).isTrue();
        assertThat(service.answers()).as(service.log()).isTrue();
        assertThat(answers)
                .hasSize(24)
                .allMatch(answer -> answer.startsWith("HTTP/1.1 200")
                        || answer.startsWith("HTTP/1.1 422")
                        || answer.startsWith("HTTP/1.1 503"));
        assertThat(answers).anyMatch(answer -> !answer.startsWith("HTTP/1.1 503"));
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String head(String path, int length) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(service.socket()));
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        write(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private String answerTo(String head, byte[] body) throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, head);
            write(channel, ByteBuffer.wrap(body));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
