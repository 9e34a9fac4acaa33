package labeler.json;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import tools.jackson.core.io.JsonStringEncoder;

/** Writes JSON as text: on one line for machines, or indented by two spaces for people. */
public final class JsonWriter {
    private static final int INDENT = 2;

    private final boolean indented;

    JsonWriter(boolean indented) {
        this.indented = indented;
    }

    public static String compact(Json json) {
        return new JsonWriter(false).write(json);
    }

    public static String indented(Json json) {
        return new JsonWriter(true).write(json);
    }

    private String write(Json json) {
        StringBuilder out = new StringBuilder(256);
        value(json, out, 0);
        return out.toString();
    }

    void value(Json json, StringBuilder out, int depth) {
        switch (json) {
            case JsonObject(Map<String, Json> members) -> object(members, out, depth);
            case JsonArray(List<Json> elements) -> array(elements, out, depth);
            case JsonString(String text) -> quote(text, out);
            case JsonInteger(long number) -> out.append(number);
            case JsonDecimal(String digits) -> out.append(digits);
            case JsonBoolean(boolean value) -> out.append(value);
            case JsonNull() -> out.append("null");
        }
    }

    private void object(Map<String, Json> members, StringBuilder out, int depth) {
        out.append('{');
        Iterator<Map.Entry<String, Json>> entries = members.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<String, Json> entry = entries.next();
            lineBreak(out, depth + 1);
            quote(entry.getKey(), out);
            out.append(indented ? ": " : ":");
            value(entry.getValue(), out, depth + 1);
            if (entries.hasNext()) {
                out.append(',');
            }
        }
        if (!members.isEmpty()) {
            lineBreak(out, depth);
        }
        out.append('}');
    }

    private void array(List<Json> elements, StringBuilder out, int depth) {
        out.append('[');
        Iterator<Json> iterator = elements.iterator();
        while (iterator.hasNext()) {
            lineBreak(out, depth + 1);
            value(iterator.next(), out, depth + 1);
            if (iterator.hasNext()) {
                out.append(',');
            }
        }
        if (!elements.isEmpty()) {
            lineBreak(out, depth);
        }
        out.append(']');
    }

    void lineBreak(StringBuilder out, int depth) {
        if (indented) {
            out.append('\n').repeat(' ', depth * INDENT);
        }
    }

    static void quote(String text, StringBuilder out) {
        out.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, out);
        out.append('"');
    }
}
