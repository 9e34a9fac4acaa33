package labeler.json;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/** Reads JSON from hostile sources. Depth, length and numbers are bounded, and no text makes it throw. */
public final class JsonReader {
    /** No real option tree nests deeper. qemu's own parser stops at 1024; 110 levels are an attack on it. */
    private static final int MAXIMUM_DEPTH = 64;

    /** qemu nests an answer once for each image of a chain, which may have 200. */
    public static final int DEEPEST_ANSWER = 256;

    /** Longer than any path or domain XML in a request. */
    private static final int MAXIMUM_STRING = 4 << 20;

    private static final String NO_CHARACTER =
            "half of a surrogate pair, which is no character, and no byte of a name either";

    private static final int MAXIMUM_NAME = 256;
    private static final int MAXIMUM_DIGITS = 40;
    private static final int MAXIMUM_VALUES = 1_000_000;

    /** The result of a read. */
    public sealed interface Result {}

    public record Value(Json json) implements Result {}

    /** Not JSON, or beyond the limits; {@code message} is one line. */
    public record NotJson(String message) implements Result {}

    private final JsonFactory factory;

    public JsonReader() {
        this(MAXIMUM_VALUES);
    }

    /** @param mostTokens the highest number of names, values, beginnings and ends */
    public JsonReader(int mostTokens) {
        this(mostTokens, MAXIMUM_DEPTH);
    }

    /**
     * One with limits of its own.
     *
     * @param mostTokens the highest number of names, values, beginnings and ends
     * @param deepest the highest number of objects and arrays around a value
     */
    public JsonReader(int mostTokens, int deepest) {
        this.factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(deepest)
                        .maxStringLength(MAXIMUM_STRING)
                        .maxNameLength(MAXIMUM_NAME)
                        .maxNumberLength(MAXIMUM_DIGITS)
                        .maxTokenCount(mostTokens)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
    }

    public Result read(String text) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            return whole(parser);
        } catch (JacksonException e) {
            return notJson(e);
        }
    }

    public Result read(byte[] utf8) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), utf8)) {
            return whole(parser);
        } catch (JacksonException e) {
            return notJson(e);
        }
    }

    /**
     * Reads an object whose members are lists of any length, an element at a time.
     *
     * @return the fault, perhaps found after some elements were taken; empty if there is none
     * @throws IOException if reading or taking fails
     */
    public Optional<NotJson> readLists(InputStream utf8, TakingLists taking) throws IOException {
        try (JsonParser parser = factory.rebuild()
                .streamReadConstraints(factory.streamReadConstraints()
                        .rebuild()
                        .maxTokenCount(Long.MAX_VALUE)
                        .build())
                .build()
                .createParser(ObjectReadContext.empty(), utf8)) {
            return lists(parser, taking);
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            return Optional.of(notJson(e));
        }
    }

    /** Takes lists while they are read. */
    public interface TakingLists {
        void list(String name) throws IOException;

        /** Takes an element of the list that was named last. */
        void element(Json element) throws IOException;
    }

    private static Optional<NotJson> lists(JsonParser parser, TakingLists taking) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Optional.of(new NotJson("not an object"));
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                return Optional.of(new NotJson("not a list: " + name));
            }
            taking.list(name);
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Json element = value(parser);
                if (!isUnicode(element)) {
                    return Optional.of(new NotJson(NO_CHARACTER));
                }
                taking.element(element);
            }
        }
        return Optional.empty();
    }

    /** The fault in our own words. The library's messages speak of its settings, and may show a secret. */
    private static NotJson notJson(JacksonException e) {
        String what = e instanceof StreamConstraintsException
                ? "deeper, longer or more than is read"
                : "malformed, or a member for the second time";
        return new NotJson(what
                + Optional.ofNullable(e.getLocation()).map(JsonReader::place).orElse(""));
    }

    private static String place(TokenStreamLocation location) {
        if (location.getByteOffset() >= 0) {
            return ", at byte " + location.getByteOffset();
        }
        return location.getCharOffset() >= 0 ? ", at character " + location.getCharOffset() : "";
    }

    private static Result whole(JsonParser parser) {
        if (parser.nextToken() == null) {
            return new NotJson("empty");
        }
        Json json = value(parser);
        if (!isUnicode(json)) {
            return new NotJson(NO_CHARACTER);
        }
        if (parser.nextToken() != null) {
            return new NotJson("something follows the value");
        }
        return new Value(json);
    }

    /**
     * Whether all text in it can be written again. Recursion is bounded by {@link #MAXIMUM_DEPTH}. By loops: streams took most of
     * the time of reading.
     */
    private static boolean isUnicode(Json json) {
        return switch (json) {
            case JsonString(String text) -> isUnicode(text);
            case JsonArray(List<Json> elements) -> isUnicode(elements);
            case JsonObject(Map<String, Json> members) -> isUnicode(members);
            case JsonInteger _, JsonDecimal _, JsonBoolean _, JsonNull _ -> true;
        };
    }

    private static boolean isUnicode(List<Json> elements) {
        for (Json element : elements) {
            if (!isUnicode(element)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnicode(Map<String, Json> members) {
        for (Map.Entry<String, Json> member : members.entrySet()) {
            if (!isUnicode(member.getKey()) || !isUnicode(member.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnicode(String text) {
        int point;
        for (int i = 0; i < text.length(); i += Character.charCount(point)) {
            point = text.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                return false;
            }
        }
        return true;
    }

    /** Recursion is bounded by {@link #MAXIMUM_DEPTH}. */
    private static Json value(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> new JsonString(parser.getString());
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> new JsonDecimal(parser.getString());
            case VALUE_TRUE -> new JsonBoolean(true);
            case VALUE_FALSE -> new JsonBoolean(false);
            case VALUE_NULL -> new JsonNull();
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("not the start of a value: " + token);
        };
    }

    private static Json integer(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> new JsonInteger(parser.getLongValue());
            case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> new JsonDecimal(parser.getString());
        };
    }

    private static Json object(JsonParser parser) {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return new JsonObject(members);
    }

    private static Json array(JsonParser parser) {
        List<Json> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser));
        }
        return new JsonArray(elements);
    }
}
