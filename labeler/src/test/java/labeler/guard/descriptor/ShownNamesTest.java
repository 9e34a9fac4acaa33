package labeler.guard.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.Test;

/** qemu's answers in the names that clients know. */
class ShownNamesTest {
    private static final ShownNames NAMES =
            new ShownNames(Map.of(1L, "/images/top", 2L, "/images/base", 3L, "/images/with \"quotes\" and \\"));

    private static Optional<String> shown(ShownNames names, String command, String answer) {
        JsonObject message = (JsonObject) ((JsonReader.Value) new JsonReader().read(answer)).json();
        return names.of(command, message, answer.getBytes(StandardCharsets.UTF_8))
                .map(JsonWriter::compact);
    }

    private static String shown(String command, String answer) {
        return shown(NAMES, command, answer).orElse("as it is");
    }

    @Test
    void a_set_of_the_guards_is_its_file() {
        assertThat(shown("query-block", "{\"return\": [{\"file\": \"/dev/fdset/1\", \"n\": 1.50}]}"))
                .isEqualTo("{\"return\":[{\"file\":\"/images/top\",\"n\":1.50}]}");
        assertThat(shown("query-block", "{\"return\": \"/dev/fdset/3\"}"))
                .isEqualTo("{\"return\":\"/images/with \\\"quotes\\\" and \\\\\"}");
    }

    @Test
    void what_is_no_set_of_the_guards_stays() {
        assertThat(shown("query-block", "{\"return\": [\"/dev/fdset/9\", \"/dev/fdset/1x\", \"x/dev/fdset/1\"]}"))
                .isEqualTo("{\"return\":[\"/dev/fdset/9\",\"/dev/fdset/1x\",\"x/dev/fdset/1\"]}");
    }

    @Test
    void other_answers_are_passed_on_as_qemu_wrote_them() {
        assertThat(shown("query-block", "{\"return\": [\"/images/top\"]}")).isEqualTo("as it is");
        assertThat(shown("query-name", "{\"return\": \"/dev/fdset/1\"}")).isEqualTo("as it is");
        assertThat(shown(ShownNames.NONE, "query-block", "{\"return\": \"/dev/fdset/1\"}"))
                .isEmpty();
    }

    private static String node(String backing) {
        return "json:{\\\"backing\\\": " + backing
                + ", \\\"driver\\\": \\\"qcow2\\\", \\\"file\\\": {\\\"driver\\\": \\\"file\\\","
                + " \\\"filename\\\": \\\"/dev/fdset/1\\\"}}";
    }

    private static final String BASE = "{\\\"driver\\\": \\\"qcow2\\\", \\\"file\\\": {\\\"driver\\\": \\\"file\\\","
            + " \\\"filename\\\": \\\"/dev/fdset/2\\\"}}";

    @Test
    void an_image_on_what_its_header_names_has_its_plain_name() {
        assertThat(shown(
                        "query-block",
                        "{\"return\": {\"file\": \"" + node(BASE) + "\", \"image\": {\"filename\": \"" + node(BASE)
                                + "\", \"backing-filename\": \"/images/base\"}}}"))
                .isEqualTo("{\"return\":{\"file\":\"/images/top\",\"image\":{\"filename\":\"/images/top\","
                        + "\"backing-filename\":\"/images/base\"}}}");
    }

    @Test
    void an_image_on_another_than_its_header_names_keeps_its_options() {
        String options = node(BASE).replace("/dev/fdset/1", "/images/top").replace("/dev/fdset/2", "/images/base");
        assertThat(shown(
                        "query-block",
                        "{\"return\": {\"filename\": \"" + node(BASE) + "\", \"backing-filename\": \"/images/x\"}}"))
                .isEqualTo("{\"return\":{\"filename\":\"" + options + "\",\"backing-filename\":\"/images/x\"}}");
        assertThat(shown("query-block", "{\"return\": \"" + node("null") + "\"}"))
                .contains("json:")
                .contains("/images/top");
    }

    @Test
    void a_name_with_quotes_stays_json_within_json() {
        String answer = shown("query-block", "{\"return\": \"" + node("null").replace("fdset/1", "fdset/3") + "\"}");
        JsonObject message = (JsonObject) ((JsonReader.Value) new JsonReader().read(answer)).json();
        String inner = message.text("return").orElseThrow().substring("json:".length());
        assertThat(((JsonReader.Value) new JsonReader().read(inner)).json().toString())
                .contains("with \"quotes\" and \\");
    }

    @Test
    void words_for_people_have_names_too() {
        assertThat(shown("blockdev-add", "{\"error\": {\"desc\": \"Could not open '/dev/fdset/1': no\"}}"))
                .isEqualTo("{\"error\":{\"desc\":\"Could not open '/images/top': no\"}}");
        assertThat(shown("human-monitor-command", "{\"return\": \"vd0: /dev/fdset/12 /dev/fdset/2 (raw)\"}"))
                .isEqualTo("{\"return\":\"vd0: /dev/fdset/12 /images/base (raw)\"}");
    }

    @Test
    void the_sets_of_the_guards_are_not_among_the_clients() {
        assertThat(shown("query-fdsets", "{\"return\": [{\"fdset-id\": 1}, {\"fdset-id\": 7}]}"))
                .isEqualTo("{\"return\":[{\"fdset-id\":7}]}");
    }
}
