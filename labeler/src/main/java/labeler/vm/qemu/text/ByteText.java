package labeler.vm.qemu.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** Recursion is bounded by the reader's depth. */
    private static Json inBytes(Json json) {
        return switch (json) {
            case JsonString(String unicode) -> new JsonString(of(unicode.getBytes(StandardCharsets.UTF_8)));
            case JsonArray(List<Json> elements) ->
                new JsonArray(elements.stream().map(ByteText::inBytes).toList());
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> converted = new LinkedHashMap<>();
                members.forEach((name, value) -> converted.put(name, inBytes(value)));
                yield new JsonObject(converted);
            }
            case Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> json;
        };
    }

    /** The parts between separators, at least one. */
    public static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf(separator); end >= 0; end = text.indexOf(separator, start)) {
            parts.add(text.substring(start, end));
            start = end + 1;
        }
        parts.add(text.substring(start));
        return parts;
    }
}
