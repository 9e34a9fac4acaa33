package labeler.qmp;

import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;

/** One line from a qemu. It may be anything. */
sealed interface QmpMessage {
    /** The longest message, for one line of a log or a terminal. A refusal of the guard names files in full. */
    int LONGEST_TEXT = 1000;

    /** Names and values: thousands of block nodes of a VM. Each takes far more memory than its text. */
    int MOST_TOKENS = 100_000;

    /** The first line of each connection. */
    record Greeting() implements QmpMessage {}

    /**
     * A command was done.
     *
     * @param id the command's id; empty if qemu could not read it
     */
    record Returned(Optional<String> id, Json value) implements QmpMessage {}

    /**
     * A command was not done.
     *
     * @param errorClass one of QAPI's {@code QapiErrorClass}: {@code GenericError}, {@code DeviceNotFound}, …
     */
    record Failed(Optional<String> id, String errorClass, String description) implements QmpMessage {}

    record Event(String name, JsonObject data) implements QmpMessage {}

    record NotUnderstood(String message) implements QmpMessage {}

    static QmpMessage read(byte[] line) {
        return switch (new JsonReader(MOST_TOKENS, JsonReader.DEEPEST_ANSWER).read(line)) {
            case JsonReader.NotJson(String message) -> new NotUnderstood("its answer is not JSON: " + message);
            case JsonReader.Value(JsonObject object) -> read(object);
            case JsonReader.Value(Json _) -> new NotUnderstood("its answer is no JSON object");
        };
    }

    private static QmpMessage read(JsonObject object) {
        Optional<String> id = object.text("id");
        Optional<Json> value = object.get("return");
        if (value.isPresent()) {
            return new Returned(id, value.get());
        }
        if (object.get("error").orElse(Json.nothing()) instanceof JsonObject error) {
            return new Failed(
                    id,
                    shown(error.text("class").orElse("")),
                    shown(error.text("desc").orElse("no reason given")));
        }
        if (object.get("event").orElse(Json.nothing()) instanceof JsonString(String name)) {
            return new Event(
                    name, object.get("data").orElse(Json.nothing()) instanceof JsonObject data ? data : empty());
        }
        return object.get("QMP").isPresent() ? new Greeting() : new NotUnderstood("its answer is none of QMP's");
    }

    private static JsonObject empty() {
        return Json.object().build();
    }

    /** The text made fit for a message of one line. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .limit(LONGEST_TEXT)
                .map(character -> character >= ' ' && character <= '~' ? character : '?')
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }
}
