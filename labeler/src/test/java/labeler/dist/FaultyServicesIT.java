package labeler.dist;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import labeler.dist.AskedServices.Ran;
import labeler.dist.AskedServices.Way;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that breaks, or that is of another version: nothing is asked for twice that may have been done once. */
class FaultyServicesIT {
    private static final String START = "$labeler start web1 -- q";
    private static final String STOP = "$labeler stop web1";
    private static final String STATUS = "$labeler status web1";

    private final Path directory;

    FaultyServicesIT(@TempDir Path directory) {
        this.directory = directory;
    }

    /** Answers every request in the same way. */
    private static final class Answering implements AutoCloseable {
        private final ServerSocketChannel server;
        private final String answer;
        private final Runnable beforeAnswer;
        private final List<String> requests = new CopyOnWriteArrayList<>();

        Answering(Path socket, String answer, Runnable beforeAnswer) throws IOException {
            this.answer = answer;
            this.beforeAnswer = beforeAnswer;
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().daemon().start(this::serve);
        }

        private void serve() {
            try {
                while (true) {
                    try (SocketChannel channel = server.accept()) {
                        requests.add(request(Channels.newInputStream(channel)));
                        beforeAnswer.run();
                        channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
                    }
                }
            } catch (AsynchronousCloseException e) {
                // The test is over.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String request(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            int length = head.indexOf("Content-Length: ");
            if (length >= 0) {
                in.readNBytes(Integer.parseInt(head.substring(length + 16, head.indexOf("\r\n", length))));
            }
            return head.substring(0, head.indexOf("\r\n"));
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static String answer(int status, String body) {
        return "HTTP/1.1 " + status + " X\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body;
    }

    private record Asked(Ran ran, List<String> requests) {}

    private Asked ask(Way way, String script, String answer) throws IOException, InterruptedException {
        Path socket = directory.resolve("faulty-" + way);
        try (AskedServices services = new AskedServices(directory);
                Answering faulty = new Answering(socket, answer, () -> {})) {
            Ran ran = services.run(way, script, Map.of("LABELER_SOCKET", socket.toString()));
            return new Asked(
                    new Ran(ran.exitCode(), ran.out(), ran.err().replace(socket.toString(), "SOCKET")),
                    List.copyOf(faulty.requests));
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
                "HTTP/1.1 503 Busy\r\nContent-Length: 63\r\n\r\n{\"kind\":\"BUSY\",\"message\":\"too much is going on\",\"problems\":[]}\n",
                "HTTP/1.1 500 Failed\r\nContent-Length: 61\r\n\r\n{\"kind\":\"INTERNAL\",\"message\":\"labelerd failed\",\"problems\":[]}",
                "HTTP/1.1 500 Failed\r\nContent-Length: 6\r\n\r\n<html>",
                "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n0\u001d",
            })
    void a_change_is_asked_for_once(String answer) throws Exception {
        for (String script : List.of(START, STOP)) {
            Asked asked = ask(Way.EITHER, script, answer);
            assertThat(asked.requests())
                    .as(script)
                    .hasSize(1)
                    .allSatisfy(request -> assertThat(request).contains("text=plain"));
            assertThat(asked.ran())
                    .as(script)
                    .isEqualTo(ask(Way.JVM, script, answer).ran());
        }
    }

    @Test
    void a_message_is_told_whole_whatever_it_quotes() throws Exception {
        for (String message : List.of(
                "no disk \"vd0\" in \"web1\"", "\"\"", "ends with a quotation mark\"", "\\\\host\\share \\\"x\\\"")) {
            String quoted = message.replace("\\", "\\\\").replace("\"", "\\\"");
            String answer = answer(500, "{\"kind\":\"INTERNAL\",\"message\":\"" + quoted + "\",\"problems\":[]}");

            Ran ran = ask(Way.EITHER, STOP, answer).ran();

            assertThat(ran.err()).isEqualTo("labeler: " + message + "\n");
            assertThat(ran).isEqualTo(ask(Way.JVM, STOP, answer).ran());
        }
    }

    @Test
    void a_question_that_changes_nothing_is_the_jvms_after_any_fault() throws Exception {
        String answer = answer(500, "<html>");

        Asked asked = ask(Way.EITHER, STATUS, answer);

        assertThat(asked.requests()).hasSize(2).last().asString().doesNotContain("text=");
        assertThat(asked.ran()).isEqualTo(ask(Way.JVM, STATUS, answer).ran());
    }

    private static void untilTold(Path seen) {
        try {
            eventually(
                    "a wait that is told",
                    () -> Files.exists(seen) && Files.readString(seen).contains("waiting for the service"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The answer comes only when the person has been told that it is awaited. */
    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"CURL", "JVM"})
    void a_long_wait_is_told_at_a_terminal(Way way) throws Exception {
        Path seen = directory.resolve("seen");
        Path socket = directory.resolve("slow");
        String script = "TERM=xterm; export TERM; script -qfec \"" + STOP + "\" " + seen;
        try (AskedServices services = new AskedServices(directory);
                Answering _ = new Answering(socket, answer(500, "<html>"), () -> untilTold(seen))) {
            services.run(way, script, Map.of("LABELER_SOCKET", socket.toString()));
        }

        assertThat(Files.readString(seen))
                .containsPattern("waiting for the service  .*1 s")
                .containsPattern("\r\u001b\\[Klabeler: the service's answer is not understood");
    }

    /** It refuses a parameter that it does not know, and does nothing. */
    @Test
    void an_older_service_is_asked_by_the_jvm() throws Exception {
        String answer =
                answer(400, "{\"kind\":\"USAGE\",\"message\":\"this endpoint takes no parameter\",\"problems\":[]}");
        for (String script : List.of(START, STOP, STATUS)) {
            Asked asked = ask(Way.EITHER, script, answer);

            assertThat(asked.requests()).hasSize(2).last().asString().doesNotContain("text=");
            assertThat(asked.ran()).isEqualTo(ask(Way.JVM, script, answer).ran());
        }
    }
}
