package labeler.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HttpAnswerTest {
    private static Optional<String> body(String answer) {
        try {
            Optional<HttpAnswer> read =
                    HttpAnswer.read(new ByteArrayInputStream(answer.getBytes(StandardCharsets.ISO_8859_1)));
            return read.isEmpty()
                    ? Optional.empty()
                    : Optional.of(read.get().status() + " "
                            + new String(read.get().body().readAllBytes(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Test
    void a_body_is_as_long_as_its_length_says() {
        assertThat(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc")).contains("200 ab");
        assertThat(body("HTTP/1.1 204 No Content\r\n\r\n")).contains("204 ");
        assertThat(body("HTTP/1.1 404 \r\ncontent-length:1\r\n\r\nx")).contains("404 x");
    }

    @Test
    void chunks_are_joined() {
        assertThat(
                        body(
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"))
                .contains("200 ab0123456789");
    }

    @Test
    void an_interim_answer_is_passed_over() {
        assertThat(body("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx"))
                .contains("200 x");
    }

    @Test
    void what_is_cut_off_or_is_no_answer_is_none() {
        for (String answer : List.of(
                "",
                "nonsense\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: 3",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\nab\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n")) {
            assertThat(body(answer)).as(answer).isEmpty();
        }
    }
}
