package labeler.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Broken;
import labeler.client.ServiceClient.NoService;
import labeler.server.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ServiceClientTest {
    private static final Duration SHORT = Duration.ofMillis(500);

    @Test
    void answers_come_with_their_status(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory)) {
            ServiceClient client = new ServiceClient(server.socket(), ServiceClient.PATIENCE);
            assertThat(client.get("/v1/health")).isInstanceOfSatisfying(Answered.class, answer -> {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).asString().startsWith("{\"status\":\"ok\"");
            });
            assertThat(client.post("/v1/vms/a/stop", new byte[0]))
                    .isInstanceOfSatisfying(
                            Answered.class,
                            answer -> assertThat(answer.status()).isEqualTo(404));
        }
    }

    @Test
    void a_body_that_is_too_large_gets_its_answer(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory)) {
            assertThat(new ServiceClient(server.socket(), ServiceClient.PATIENCE)
                            .post("/v1/plan", new byte[(4 << 20) + 1]))
                    .isInstanceOfSatisfying(
                            Answered.class,
                            answer -> assertThat(answer.status()).isEqualTo(413));
        }
    }

    @Test
    void a_service_that_never_answers_is_not_waited_for(@TempDir Path directory) throws IOException {
        Path socket = directory.resolve("s");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            assertThat(new ServiceClient(socket, SHORT).get("/v1/health"))
                    .isInstanceOfSatisfying(
                            Broken.class, broken -> assertThat(broken.message()).contains("no answer in time"));
            assertThat(new ServiceClient(socket, SHORT).post("/v1/plan", new byte[4 << 20]))
                    .isInstanceOf(Broken.class);
        }
        assertThat(new ServiceClient(socket, SHORT).get("/v1/health"))
                .isInstanceOfSatisfying(
                        NoService.class, none -> assertThat(none.message()).startsWith("nobody listens on " + socket));
    }

    @Test
    void a_name_that_no_socket_can_have_is_no_service() {
        assertThat(new ServiceClient(Path.of("/" + "x".repeat(200)), SHORT).get("/"))
                .isInstanceOf(NoService.class);
    }
}
