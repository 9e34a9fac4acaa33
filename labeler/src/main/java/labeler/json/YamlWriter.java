package labeler.json;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/**
 * Writes JSON as YAML (1.2) in block style. Text that could be taken for something else is in double quotes, with JSON's
 * escapes, which YAML has as well.
 */
public final class YamlWriter {
    private static final int INDENT = 2;

    /** Text that needs no quotes, unless it is one of {@link #RESERVED}. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./+-]*(:[A-Za-z0-9_./+,-]+)*");

    /** Words that YAML 1.1 reads as a truth value or as nothing, as many programs still do. */
    private static final Set<String> RESERVED = Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

    /** A character that stands in JSON as it is, and is a line break, a byte order mark or not allowed in YAML 1.1. */
    private static final Pattern UNLIKE_JSON = Pattern.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]");

    private final StringBuilder out = new StringBuilder();

    private YamlWriter() {}

    /** The text, without a line break at the end. */
    public static String text(Json json) {
        YamlWriter writer = new YamlWriter();
        writer.value(json, 0, true);
        return writer.out.toString().strip();
    }

    /** @param isAtStart whether nothing is on this line but indentation, or the dash of an element */
    private void value(Json json, int depth, boolean isAtStart) {
        switch (json) {
            case JsonObject(Map<String, Json> members) when !members.isEmpty() -> object(members, depth, isAtStart);
            case JsonArray(List<Json> elements) when !elements.isEmpty() -> array(elements, depth, isAtStart);
            case JsonObject _ -> scalar("{}", isAtStart);
            case JsonArray _ -> scalar("[]", isAtStart);
            case JsonString(String text) -> scalar(quoted(text), isAtStart);
            case JsonInteger(long number) -> scalar(String.valueOf(number), isAtStart);
            case JsonDecimal(String digits) -> scalar(digits, isAtStart);
            case JsonBoolean(boolean value) -> scalar(String.valueOf(value), isAtStart);
            case JsonNull() -> scalar("null", isAtStart);
        }
    }

    private void scalar(String text, boolean isAtStart) {
        out.append(isAtStart ? "" : " ").append(text).append('\n');
    }

    private void object(Map<String, Json> members, int depth, boolean isAtStart) {
        boolean isFirst = isAtStart;
        if (!isAtStart) {
            out.append('\n');
        }
        for (Map.Entry<String, Json> member : members.entrySet()) {
            out.append(isFirst ? "" : " ".repeat(depth * INDENT))
                    .append(quoted(member.getKey()))
                    .append(':');
            isFirst = false;
            value(member.getValue(), depth + 1, false);
        }
    }

    private void array(List<Json> elements, int depth, boolean isAtStart) {
        boolean isFirst = isAtStart;
        if (!isAtStart) {
            out.append('\n');
        }
        for (Json element : elements) {
            out.append(isFirst ? "" : " ".repeat(depth * INDENT)).append("- ");
            isFirst = false;
            value(element, depth + 1, true);
        }
    }

    private static String quoted(String text) {
        if (PLAIN.matcher(text).matches() && !RESERVED.contains(text.toLowerCase(Locale.ROOT))) {
            return text;
        }
        StringBuilder quoted = new StringBuilder();
        JsonWriter.quote(text, quoted);
        return UNLIKE_JSON
                .matcher(quoted)
                .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
    }
}
