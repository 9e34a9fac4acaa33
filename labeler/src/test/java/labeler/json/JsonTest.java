package labeler.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private final JsonReader reader = new JsonReader();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":[1,-2,1.5,true,false,null,\"x\\n\\u0000\"],\"b\":{}}",
                "[]",
                "\"\"",
                "9223372036854775807",
                "12345678901234567890",
                "1e400",
                "\"\ud83d\ude00\""
            })
    void what_is_read_is_written_alike(String text) {
        assertThat(reader.read(text))
                .isInstanceOfSatisfying(
                        JsonReader.Value.class,
                        value -> assertThat(JsonWriter.compact(value.json())).isEqualTo(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{\"a\":1,\"a\":2}",
                "nul",
                "1 2",
                "'x'",
                "{a:1}",
                "\"\u0001\"",
                "[1}",
                "NaN",
                "01",
                "\"\\ud800x",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "{\"\\ud800\":1}",
                "{} x"
            })
    void what_is_no_json_is_not_read(String text) {
        assertThat(reader.read(text)).isInstanceOf(JsonReader.NotJson.class);
    }

    @Test
    void the_place_is_told_in_words_of_our_own() {
        assertThat(reader.read("{\"ä\":1,,}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new JsonReader.NotJson("malformed, or a member for the second time, at byte 8"));
        assertThat(reader.read("[".repeat(100)))
                .isEqualTo(new JsonReader.NotJson("deeper, longer or more than is read"));
    }

    @Test
    void bytes_that_are_not_utf8_are_not_read() {
        assertThat(reader.read(new byte[] {'"', (byte) 0xff, '"'})).isInstanceOf(JsonReader.NotJson.class);
        // Half a surrogate pair in three bytes, which RFC 3629 (section 3) forbids.
        assertThat(reader.read(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'}))
                .isInstanceOf(JsonReader.NotJson.class);
    }

    @Test
    void a_nest_of_a_hundred_thousand_brackets_is_refused_at_once() {
        assertThat(reader.read("[".repeat(100_000))).isInstanceOf(JsonReader.NotJson.class);
        assertThat(reader.read("{\"a\":".repeat(100_000).getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(JsonReader.NotJson.class);
    }

    @Test
    void a_number_of_a_million_digits_is_refused() {
        assertThat(reader.read("1".repeat(1_000_000))).isInstanceOf(JsonReader.NotJson.class);
    }

    @Test
    void indented_json_is_for_people() {
        Json json = Json.object()
                .put("vm", "a")
                .put("files", java.util.List.of(Json.of(1)))
                .build();

        assertThat(JsonWriter.indented(json)).isEqualTo("{\n  \"vm\": \"a\",\n  \"files\": [\n    1\n  ]\n}");
    }

    @Test
    void lists_written_and_read_piece_by_piece_are_the_same_as_whole_ones() throws IOException {
        for (String text : List.of(
                "{}", "{\"a\":[]}", "{\"a\":[1,{\"x\":[\"y\"]}],\"b\":[],\"c\":[[]]}", "{\"a\":[],\"b\":[null]}")) {
            for (boolean indented : new boolean[] {false, true}) {
                StringBuilder out = new StringBuilder();
                JsonListsWriter writer = new JsonListsWriter(indented, out);
                assertThat(new JsonReader()
                                .readLists(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), writer))
                        .isEmpty();
                out.append(writer.end());
                assertThat(new JsonReader().read(text))
                        .isInstanceOfSatisfying(
                                JsonReader.Value.class,
                                value -> assertThat(out)
                                        .hasToString(
                                                indented
                                                        ? JsonWriter.indented(value.json())
                                                        : JsonWriter.compact(value.json())));
            }
        }
        for (String text : List.of("[]", "{\"a\":1}", "{\"a\":[1", "{\"a\":[\"\\ud800\"]}")) {
            assertThat(new JsonReader()
                            .readLists(
                                    new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                                    new JsonListsWriter(false, new StringBuilder())))
                    .as(text)
                    .isPresent();
        }
    }
}
