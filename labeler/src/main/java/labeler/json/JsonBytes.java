package labeler.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.Json.ObjectBuilder;

/** Bytes as a member of an object: as text, or in base64 below {@code NAMEBase64} where they are not UTF-8. */
public final class JsonBytes {
    /** What the name of a member in base64 ends in. */
    public static final String SUFFIX = "Base64";

    private JsonBytes() {}

    public static void put(ObjectBuilder object, String name, byte[] bytes) {
        utf8(bytes).ifPresentOrElse(text -> object.put(name, text), () -> object.put(name + SUFFIX, encoded(bytes)));
    }

    /**
     * As {@link #put(ObjectBuilder, String, byte[])}, with something to read beside base64.
     *
     * @param printable for people, and not to be read back
     */
    public static void put(ObjectBuilder object, String name, byte[] bytes, String printable) {
        if (utf8(bytes).isEmpty()) {
            object.put(name, printable);
        }
        put(object, name, bytes);
    }

    /** A list of them: all as text, or all in base64. */
    public static void putAll(ObjectBuilder object, String name, List<byte[]> all) {
        List<String> texts = all.stream().flatMap(bytes -> utf8(bytes).stream()).toList();
        if (texts.size() == all.size()) {
            object.put(name, texts.stream().map(Json::of).toList());
        } else {
            object.put(
                    name + SUFFIX,
                    all.stream().map(bytes -> Json.of(encoded(bytes))).toList());
        }
    }

    /** What was put there; empty also where it is not base64. */
    public static Optional<byte[]> of(JsonObject object, String name) {
        return object.text(name + SUFFIX)
                .flatMap(JsonBytes::decoded)
                .or(() -> object.text(name).map(text -> text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A list that {@link #putAll} has put there; elements that are not as they should be are left out. */
    public static List<byte[]> allOf(JsonObject object, String name) {
        return Stream.concat(
                        texts(object, name).map(text -> text.getBytes(StandardCharsets.UTF_8)),
                        texts(object, name + SUFFIX).flatMap(text -> decoded(text).stream()))
                .toList();
    }

    private static Stream<String> texts(JsonObject object, String name) {
        return object.elements(name).stream()
                .flatMap(element -> element instanceof JsonString(String text) ? Stream.of(text) : Stream.empty());
    }

    /** Empty for what is not base64. */
    public static Optional<byte[]> decoded(String base64) {
        try {
            return Optional.of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String encoded(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Empty for what is not UTF-8. */
    public static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
