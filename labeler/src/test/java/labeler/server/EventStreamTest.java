package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events in the forms that programs other than ours take: server-sent, and one a line. */
class EventStreamTest {
    private static final Pattern ID = Pattern.compile("(?m)^id: (\\S+)$");

    @AutoClose
    private final TestServer server;

    EventStreamTest(@TempDir Path directory) throws IOException {
        this.server = TestServer.start(directory);
    }

    private String exchange(String head, String body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()))) {
            String request =
                    head + "\r\nHost: x\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            return TestServer.readAll(channel);
        }
    }

    private void start(String name) throws IOException {
        String body = "{\"argv\":[\"qemu-system-x86_64\"],\"workingDirectory\":\"/\"}";
        assertThat(exchange("POST /v1/vms/" + name + "/start HTTP/1.1", body)).startsWith("HTTP/1.1 ");
    }

    private String events(String accept, String more) throws IOException {
        return exchange("GET /v1/events" + more + " HTTP/1.1\r\nAccept: " + accept, "");
    }

    private static String lastId(String answer) {
        Matcher matcher = ID.matcher(answer);
        String id = "";
        while (matcher.find()) {
            id = matcher.group(1);
        }
        return id;
    }

    @Test
    void server_sent_events_have_their_kind_and_go_on_after_the_id_that_the_client_had() throws IOException {
        start("web1");

        String first = events("text/event-stream", "");
        assertThat(first)
                .contains("Content-Type: text/event-stream", "retry: 100", "event: vm-started\ndata: {\"number\":")
                .containsIgnoringCase("\"vm\":\"web1\"");
        start("conflict");
        String second =
                exchange("GET /v1/events HTTP/1.1\r\nAccept: text/event-stream\r\nLast-Event-ID: " + lastId(first), "");

        assertThat(second)
                .contains("event: start-refused\n", "the rule, and the way out")
                .doesNotContain("web1");
        assertThat(lastId(second)).isNotEmpty().isNotEqualTo(lastId(first));
    }

    @Test
    void one_event_a_line_ends_with_the_place_to_go_on() throws IOException {
        start("web1");
        start("conflict");

        String answer = events("application/x-ndjson", "");
        List<String> lines =
                answer.substring(answer.indexOf("\r\n\r\n") + 4).lines().toList();
        assertThat(answer).contains("Content-Type: application/x-ndjson");
        assertThat(lines)
                .allSatisfy(line -> assertThat(new JsonReader().read(line)).isInstanceOf(JsonReader.Value.class));
        String next = object(lines.getLast()).text("next").orElseThrow();

        String rest = events("application/x-ndjson", "?after=" + next);
        assertThat(rest.substring(rest.indexOf("\r\n\r\n") + 4))
                .startsWith("{\"next\":")
                .hasLineCount(1);
    }

    @Test
    void other_clients_get_the_object_that_they_always_got() throws IOException {
        start("web1");
        assertThat(events("*/*", "")).contains("Content-Type: application/json", "{\"events\":[");
        assertThat(exchange("GET /v1/events?after=nonsense HTTP/1.1\r\nAccept: text/event-stream", ""))
                .startsWith("HTTP/1.1 400 ");
    }

    private static JsonObject object(String line) {
        return new JsonReader().read(line) instanceof JsonReader.Value(JsonObject object)
                ? object
                : Json.object().build();
    }
}
