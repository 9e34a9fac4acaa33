package labeler.vm.qemu.text;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import labeler.chain.FileName;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;

/**
 * The text of an argument: one character for each byte (ISO 8859-1), for a file name need not be UTF-8 while the grammar
 * around it is ASCII.
 */
public final class ByteText {
    private ByteText() {}

    public static String of(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    public static FileName name(String text) {
        return FileName.of(bytes(text));
    }

    /** For messages. */
    public static String shown(String text) {
        return name(text).toString();
    }

    /** The JSON object in this text, its strings in bytes; empty if it is none. */
    public static Optional<JsonObject> json(String text) {
        return new JsonReader().read(bytes(text)) instanceof JsonReader.Value(JsonObject object)
                ? Optional.of((JsonObject) inBytes(object))
                : Optional.empty();
    }

    private static Json inBytes(Json json) {
        return mapped(json, text -> of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The reverse: its strings in Unicode; empty where one is not UTF-8. */
    public static Optional<JsonObject> inUnicode(JsonObject json) {
        Json unicode = mapped(json, text -> new String(bytes(text), StandardCharsets.UTF_8));
        return Optional.of((JsonObject) unicode).filter(_ -> inBytes(unicode).equals(json));
    }

    /** The same with other strings. Recursion is bounded by the reader's depth. */
    public static Json mapped(Json json, UnaryOperator<String> change) {
        return switch (json) {
            case JsonString(String text) -> new JsonString(change.apply(text));
            case JsonArray(List<Json> elements) ->
                new JsonArray(elements.stream()
                        .map(element -> mapped(element, change))
                        .toList());
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> changed = new LinkedHashMap<>();
                members.forEach((name, value) -> changed.put(name, mapped(value, change)));
                yield new JsonObject(changed);
            }
            case Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> json;
        };
    }

    /**
     * The parts between separators, at least one.
     *
     * @param separator no letter, and no digit
     */
    public static List<String> split(String text, char separator) {
        return List.of(text.split("\\" + separator, -1));
    }
}
