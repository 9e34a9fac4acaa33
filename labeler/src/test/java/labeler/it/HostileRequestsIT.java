package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import labeler.client.ServiceClient;
import labeler.json.Json;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.Test;

/** Requests that are malformed or endless, or that never come. */
class HostileRequestsIT extends HostileInput {
    /** More connections than the service takes at a time. */
    private static final int CONNECTIONS = 300;

    @Test
    void malformed_http_is_refused_or_cut_off() throws Exception {
        String big = "a".repeat(1 << 20);
        List<String> requests = List.of(
                "\r\n\r\n",
                "GET\r\n\r\n",
                "GET /v1/health\r\n\r\n",
                "GET /v1/health HTTP/9.9\r\n\r\n",
                "GET /" + big + " HTTP/1.1\r\nHost: l\r\n\r\n",
                "GET /v1/health HTTP/1.1\r\nHost: l\r\nX: " + big + "\r\n\r\n",
                "GET /v1/vms/%ff%fe HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n",
                "GET /v1/vms/..%2f..%2fetc HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n",
                "GET /v1/vms/a%00b HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n",
                "GET http://[::1/ HTTP/1.1\r\nHost: l\r\n\r\n",
                "POST /v1/recover?dryRun=%zz HTTP/1.1\r\nHost: l\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "POST /v1/plan HTTP/1.1\r\nHost: l\r\nContent-Length: -1\r\n\r\n",
                "POST /v1/plan HTTP/1.1\r\nHost: l\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "POST /v1/plan HTTP/1.1\r\nHost: l\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                "POST /v1/plan HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST /v1/plan HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
                "POST /v1/plan HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: gzip\r\n\r\n{}",
                "\0\0\0\0\u007fELF",
                "\u0016\u0003\u0001\u0002\0\u0001\0\u0001",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET /v1/health HTTP/1.1\r\nHost: l\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                "TRACE / HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n");
        for (String request : requests) {
            String answer = raw(request.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(answer).as(start(request)).doesNotContain("\tat ").doesNotContain("Exception");
        }
    }

    @Test
    void clients_that_say_nothing_only_delay_others() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        try {
            // The kernel's queue of connections is short, so the service sometimes needs a moment.
            for (int tries = 0; idle.size() < CONNECTIONS && tries < 2 * CONNECTIONS; tries++) {
                connect().ifPresentOrElse(idle::add, () -> ServiceFixture.pause(10));
            }
            System.out.println("idle connections: " + idle.size());
            assertThat(idle).hasSizeGreaterThan(CONNECTIONS / 2);
            assertThat(service.get("/v1/health").status()).isEqualTo(200);
        } finally {
            for (SocketChannel channel : idle) {
                channel.close();
            }
        }
    }

    @Test
    void malformed_json_is_a_usage_error() throws IOException {
        String deep = "[".repeat(1 << 20);
        List<String> bodies = List.of(
                "",
                "{",
                "null",
                "[]",
                "{}",
                "{\"argv\":[],\"workingDirectory\":\"/\"}",
                "{\"argv\":{},\"workingDirectory\":\"/\"}",
                "{\"argv\":[1],\"workingDirectory\":\"/\"}",
                "{\"argv\":[\"a\\u0000b\"],\"workingDirectory\":\"/\"}",
                "{\"argv\":[\"qemu\"],\"workingDirectory\":\"relative\"}",
                "{\"argv\":[\"qemu\"],\"argvBase64\":[\"cQ==\"],\"workingDirectory\":\"/\"}",
                "{\"argvBase64\":[\"not base64!\"],\"workingDirectory\":\"/\"}",
                "{\"argv\":[\"qemu\"],\"workingDirectory\":\"/\",\"pid\":-1}",
                "{\"argv\":[\"qemu\"],\"workingDirectory\":\"/\",\"pid\":1e400}",
                "{\"argv\":[\"qemu\"],\"workingDirectory\":\"/\",\"level\":\"s0:c1024,c1\"}",
                "{\"argv\":[\"qemu\"],\"workingDirectory\":\"/\",\"\\u001b[31m\":1}",
                "{\"domainXml\":1}",
                "{\"a\":" + "9".repeat(1 << 20) + "}",
                "{\"a\":\"\\ud800\"}",
                deep,
                "{\"argv\":" + deep);
        for (String body : bodies) {
            Reply reply = service.post("/v1/vms/web1/start", body);
            assertThat(reply.status()).as(start(body)).isEqualTo(400);
            assertThat(reply.text("message").lines().count()).as(start(body)).isEqualTo(1);
            assertThat(reply.text("message")).doesNotContain("Exception").doesNotContain("\u001b");
        }
        assertThat(service.post("/v1/vms/web1/start", " ".repeat(5 << 20)).status())
                .isEqualTo(413);
    }

    @Test
    void malformed_xml_is_refused() throws IOException {
        StringBuilder laughs = new StringBuilder("<!DOCTYPE d [<!ENTITY a0 'ha'>");
        for (int i = 1; i < 30; i++) {
            laughs.append("<!ENTITY a%d '&a%d;&a%d;'>".formatted(i, i - 1, i - 1));
        }
        List<String> bodies = List.of(
                "",
                "<",
                "\0",
                "<domain",
                "<domain/>trailing",
                "<other/>",
                "<domain><devices><disk type='file'><source file='/dev/zero'/></disk></devices></domain>",
                laughs + "]><domain><name>&a29;</name></domain>",
                "<!DOCTYPE d SYSTEM 'file:///etc/passwd'><domain/>",
                "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><name>&x;</name></domain>",
                "<domain>" + "<a>".repeat(200_000),
                "<domain a='" + "b".repeat(3 << 20) + "'/>",
                "<domain " + attributes(50_000) + "/>",
                "<?xml version='1.0' encoding='no-such'?><domain/>",
                "<?xml version='1.0' encoding='UTF-16'?><domain/>",
                "<domain xmlns:q='" + "u".repeat(1000) + "'><q:commandline><q:arg value='-drive'/></q:commandline>");
        for (String body : bodies) {
            Reply reply = service.post(
                    "/v1/plan",
                    JsonWriter.compact(Json.object()
                            .put("name", "web1")
                            .put("domainXml", body.replace("\0", "\u0001"))
                            .build()));
            assertThat(reply.status()).as(start(body)).isIn(200, 400, 422);
            assertThat(reply.toString())
                    .as(start(body))
                    .doesNotContain("Exception")
                    .doesNotContain("root:x:0");
            ServiceClient.Outcome hook = service.ask("/v1/hooks/libvirt/web1/start/begin/-", body);
            assertThat(hook).isInstanceOfSatisfying(ServiceClient.Answered.class, answer -> {
                assertThat(answer.status()).as(start(body)).isIn(204, 200, 400, 413, 422);
                assertThat(new String(answer.body(), StandardCharsets.UTF_8)).doesNotContain("Exception");
            });
            service.stop("web1");
        }
    }

    /** A connection, if there is room for one just now. */
    private Optional<SocketChannel> connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.configureBlocking(false);
        try {
            if (channel.connect(UnixDomainSocketAddress.of(service.socket()))) {
                return Optional.of(channel);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("temporarily unavailable");
        }
        channel.close();
        return Optional.empty();
    }

    private static String attributes(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(" a").append(i).append("=''");
        }
        return text.toString();
    }

    /** All that comes back until the service closes, in bounded time. */
    private String raw(byte[] request) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(service.socket()))) {
            Future<String> answer = executor.submit(() -> exchange(channel, request));
            return answer.get(Command.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static String exchange(SocketChannel channel, byte[] request) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(request);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.shutdownOutput();
            ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
            while (channel.read(buffer.clear()) >= 0) {
                received.write(buffer.array(), 0, buffer.position());
            }
        } catch (IOException e) {
            // Cut off before everything was sent. No answer is also acceptable.
            received.writeBytes(new byte[0]);
        }
        return received.toString(StandardCharsets.ISO_8859_1);
    }
}
