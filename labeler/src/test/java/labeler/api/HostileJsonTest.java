package labeler.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** No input makes reading throw, and each fault is reported on one line. */
class HostileJsonTest {
    private static final List<Json> HOSTILE = List.of(
            Json.nothing(),
            Json.of(true),
            Json.of(-1),
            Json.of(Long.MIN_VALUE),
            Json.of(1L << 40),
            new JsonDecimal("1e400"),
            new JsonDecimal("1234567890123456789012345678901234567890"),
            Json.of(""),
            Json.of("no base64!"),
            Json.of("0xzz"),
            Json.of("a\0b\n\u001b[2J"),
            Json.of("s0:c1,c1"),
            Json.array(List.of()),
            Json.array(List.of(Json.nothing(), Json.of(""), Json.of("\0"), Json.of(1))),
            Json.object().build(),
            Json.object().put("\u001b[2J\n", deep(40)).build());

    private static Json deep(int levels) {
        return levels == 0 ? Json.of(0) : Json.array(List.of(deep(levels - 1)));
    }

    static List<Record> everything() {
        return RoundTripTest.everything();
    }

    @ParameterizedTest
    @MethodSource("everything")
    void each_member_may_be_anything(Record record) {
        List<Json> mutants = mutants(ApiJson.write(record));

        assertThat(mutants).hasSizeGreaterThan(HOSTILE.size());
        for (Json mutant : mutants) {
            byte[] utf8 = JsonWriter.compact(mutant).getBytes(StandardCharsets.UTF_8);
            isOneLine(ApiJson.readAnswer(record.getClass(), mutant), mutant);
            isOneLine(ApiJson.readBody(record.getClass(), utf8), mutant);
        }
    }

    @ParameterizedTest
    @MethodSource("everything")
    void what_is_no_json_or_too_much_of_it_is_refused(Record record) {
        String text = new String(ApiJson.body(record), StandardCharsets.UTF_8);
        for (String body : List.of(
                "",
                "null",
                "[]",
                "7",
                "\"{}\"",
                "{",
                text + "}",
                text.substring(0, text.length() - 1),
                "[".repeat(100_000),
                "{\"a\":" + "9".repeat(100_000) + "}",
                "{\"a\":1,\"a\":2}",
                "{\"\\ud800\":1}",
                "{\"a\":[" + "1,".repeat(200_000) + "1]}")) {
            assertThat(ApiJson.readBody(record.getClass(), body.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(NotUnderstood.class);
            isOneLine(ApiJson.readBody(record.getClass(), body.getBytes(StandardCharsets.UTF_8)), body);
        }
        isOneLine(ApiJson.readBody(record.getClass(), new byte[] {'{', '"', (byte) 0xff}), "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"argv\":[\"q\"],\"workingDirectory\":\"/\",\"pid\":0}|the body: \"pid\" must be a process id",
                "{\"argv\":[\"q\"],\"workingDirectory\":\"/\",\"level\":\"s0\"}"
                        + "|the body: \"level\" must be a level with two categories: s0:c1,c2",
                "{\"argv\":[\"q\"],\"workingDirectory\":\"/\",\"name\":\"a/b\"}|the body: \"name\" must be a VM's name",
                "{\"argv\":[\"q\"],\"workingDirectory\":\"/\",\"launch\":\"RUN\"}"
                        + "|the body: \"launch\" must be \"run\" or \"elsewhere\"",
                "{\"argv\":[\"q\\u0000\"],\"workingDirectory\":\"/\"}"
                        + "|the body: \"argv\" must be a string without NUL",
                "{\"argv\":[\"q\"],\"argvBase64\":[\"cQ==\"],\"workingDirectory\":\"/\"}"
                        + "|the body: \"argv\" must be there once, plain or in base64",
                "{\"argvBase64\":[\"?\"],\"workingDirectory\":\"/\"}"
                        + "|the body: \"argvBase64\" must be a string in base64",
                "{\"argv\":[\"q\"],\"workingDirectory\":\"x\"}"
                        + "|the body: \"workingDirectory\" must be there beside \"argv\", and absolute",
                "{\"argv\":[\"q\"]}|the body: \"workingDirectory\" must be there beside \"argv\", and absolute",
                "{\"argv\":[],\"workingDirectory\":\"/\"}"
                        + "|the body: exactly one of \"domainXml\" and \"argv\" must be there",
                "{\"domainXml\":\"<\",\"argv\":[\"q\"]}"
                        + "|the body: exactly one of \"domainXml\" and \"argv\" must be there",
                "{\"domainXml\":\"<\",\"domainXmlBase64\":\"\"}"
                        + "|the body: \"domainXml\" must be there once, plain or in base64",
                "[]|the body: it must be a JSON object",
                "{|the body is not JSON: malformed, or a member for the second time, at byte 1"
            })
    void a_start_is_told_what_is_wrong_with_it(String body, String message) {
        assertThat(ApiJson.readBody(StartBody.class, body.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new NotUnderstood<>(message));
    }

    @Test
    void a_request_may_not_say_what_nobody_knows_and_hears_what_is_known() {
        assertThat(ApiJson.readBody(ScanBody.class, utf8("{\"directory\":\"/\",\"\\u001b\":1}")))
                .isEqualTo(new NotUnderstood<>("the body: it has directory, directoryBase64, after, afterBase64, apply,"
                        + " and no other member"));
        assertThat(ApiJson.readBody(DetachBody.class, utf8("{\"disk\":\"d\",\"blockdevs\":[]}")))
                .isInstanceOf(NotUnderstood.class);
        assertThat(ApiJson.readBody(TrustBody.class, utf8("{\"path\":\"/v\",\"dryRun\":true}")))
                .isInstanceOf(NotUnderstood.class);
        assertThat(ApiJson.readBody(TrustBody.class, utf8("{\"path\":\"/v\",\"Format\":\"raw\"}")))
                .isInstanceOf(NotUnderstood.class);
    }

    @Test
    void paths_in_requests_are_absolute() {
        assertThat(ApiJson.readBody(ScanBody.class, utf8("{\"directory\":\"vm\"}")))
                .isEqualTo(new NotUnderstood<>("the body: \"directory\" must be an absolute path"));
        assertThat(ApiJson.readBody(DetachBody.class, utf8("{\"disk\":\"d\",\"monitor\":\"qmp\"}")))
                .isEqualTo(new NotUnderstood<>("the body: \"monitor\" must be an absolute path"));
        assertThat(ApiJson.readBody(TrustBody.class, utf8("{\"path\":\"top\"}")))
                .isEqualTo(new NotUnderstood<>("the body: \"path\" must be the absolute path of an image"));
    }

    @Test
    void a_matrix_has_a_word_for_each_vm_and_file() {
        JsonObject matrix = ApiJson.write(Samples.matrix());
        Map<String, Json> members = new LinkedHashMap<>(matrix.members());
        members.put("access", Json.array(List.of(Json.array(List.of(Json.of("none"))))));

        assertThat(ApiJson.readAnswer(labeler.lifecycle.Matrix.class, new JsonObject(members)))
                .isEqualTo(
                        new NotUnderstood<>("\"access\" must have a row for each VM, and in it a word for each file"));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void isOneLine(Result<?> result, Object input) {
        if (result instanceof NotUnderstood<?>(String message)) {
            assertThat(message).as("%s", input).isNotEmpty().doesNotContain("Exception", "labeler.");
            assertThat(message.chars().noneMatch(Character::isISOControl))
                    .as(message)
                    .isTrue();
        }
    }

    /** The value with each part replaced by each hostile value, removed, or joined by others. */
    private static List<Json> mutants(Json json) {
        List<Json> mutants = new ArrayList<>(HOSTILE);
        switch (json) {
            case JsonObject(Map<String, Json> members) ->
                members.forEach((name, value) -> {
                    Map<String, Json> without = new LinkedHashMap<>(members);
                    without.remove(name);
                    mutants.add(new JsonObject(without));
                    for (Json mutant : mutants(value)) {
                        Map<String, Json> with = new LinkedHashMap<>(members);
                        with.put(name, mutant);
                        mutants.add(new JsonObject(with));
                        with.put(name + "Base64", mutant);
                        mutants.add(new JsonObject(with));
                    }
                });
            case JsonArray(List<Json> elements) -> {
                for (int i = 0; i < elements.size(); i++) {
                    for (Json mutant : mutants(elements.get(i))) {
                        List<Json> with = new ArrayList<>(elements);
                        with.set(i, mutant);
                        mutants.add(Json.array(with));
                    }
                }
            }
            default -> {}
        }
        return mutants;
    }
}
