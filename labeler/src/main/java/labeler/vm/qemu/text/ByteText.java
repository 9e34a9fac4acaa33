package labeler.vm.qemu.text;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;

/**
 * The text of an argument: one character for each byte (ISO 8859-1). A file name need not be UTF-8, while the grammar
 * around it is ASCII.
 */
public final class ByteText {
    private static final int HEXADECIMAL = 16;

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

    /** A form for messages. */
    public static String shown(String text) {
        return name(text).toString();
    }

    /** The JSON object in this text, as qemu reads it, its strings in bytes; empty if it is none. */
    public static Optional<JsonObject> json(String text) {
        return new JsonReader().read(bytes(Quotes.doubled(text))) instanceof JsonReader.Value(JsonObject object)
                ? Optional.of((JsonObject) inBytes(object))
                : Optional.empty();
    }

    private static Json inBytes(Json json) {
        return json.mapped(text -> of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The reverse: its strings in Unicode; empty if one is not UTF-8. */
    public static Optional<JsonObject> inUnicode(JsonObject json) {
        Json unicode = json.mapped(text -> new String(bytes(text), StandardCharsets.UTF_8));
        return Optional.of((JsonObject) unicode).filter(_ -> inBytes(unicode).equals(json));
    }

    /** The text without its escapes ({@code %20}); empty if one is none. */
    public static Optional<String> decoded(String text) {
        StringBuilder decoded = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) != '%') {
                decoded.append(text.charAt(at));
                continue;
            }
            int high = at + 2 <= text.length() - 1 ? Character.digit(text.charAt(at + 1), HEXADECIMAL) : -1;
            int low = at + 2 <= text.length() - 1 ? Character.digit(text.charAt(at + 2), HEXADECIMAL) : -1;
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            decoded.append((char) (high * HEXADECIMAL + low));
            at += 2;
        }
        return Optional.of(decoded.toString());
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
