package labeler.described;

import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;

/**
 * Holds JSON against a schema (JSON Schema 2020-12), by the keywords that the description uses. Another keyword fails the test:
 * nothing is passed over. It is stricter than the standard in one thing: a member of an object has to be described.
 *
 * @param document that references in schemas are about
 */
record Schemas(JsonObject document) {
    private static final Set<String> NOTES = Set.of("description", "default", "examples", "contentEncoding");
    private static final String REFERENCE = "$ref";

    /** What is wrong with a value, each with its place; empty if it fits. */
    List<String> complaints(JsonObject schema, Json value, String place) {
        List<String> complaints = new ArrayList<>();
        Set<String> described = new TreeSet<>();
        check(schema, value, place, complaints, described);
        if (value instanceof JsonObject(Map<String, Json> members)) {
            members.keySet().stream()
                    .filter(name -> !described.contains(name))
                    .forEach(name -> complaints.add(place + "." + name + " is not described"));
        }
        return complaints;
    }

    /** The object itself, or the one that it refers to. */
    JsonObject resolved(JsonObject object) {
        return object.text(REFERENCE).map(this::referred).orElse(object);
    }

    private JsonObject referred(String reference) {
        JsonObject at = document;
        for (String part : reference.substring("#/".length()).split("/", -1)) {
            at = object(at.get(part).orElseThrow(() -> new AssertionError(reference + " leads nowhere")));
        }
        return at;
    }

    private void check(JsonObject schema, Json value, String place, List<String> complaints, Set<String> described) {
        schema.members().forEach((keyword, argument) -> {
            switch (keyword) {
                case REFERENCE -> check(resolved(schema), value, place, complaints, described);
                case "type" ->
                    require(
                            types(argument).stream().anyMatch(type -> isOf(type, value)),
                            place,
                            value,
                            argument,
                            complaints);
                case "enum" -> require(elements(argument).contains(value), place, value, argument, complaints);
                case "const" -> require(argument.equals(value), place, value, argument, complaints);
                case "format" -> require(isOfFormat(argument, value), place, value, argument, complaints);
                case "items" -> items(object(argument), value, place, complaints);
                case "properties" -> properties(object(argument), value, place, complaints, described);
                case "required" -> required(argument, value, place, complaints);
                case "allOf" ->
                    elements(argument).forEach(all -> check(object(all), value, place, complaints, described));
                case "anyOf" -> anyOf(elements(argument), 1, Integer.MAX_VALUE, value, place, complaints, described);
                case "oneOf" -> anyOf(elements(argument), 1, 1, value, place, complaints, described);
                // A member that is not described is refused in any case.
                case "additionalProperties" ->
                    require(argument.equals(Json.of(false)), place, value, argument, complaints);
                default -> {
                    if (!NOTES.contains(keyword)) {
                        throw new AssertionError("no test knows the keyword " + keyword + " of a schema");
                    }
                }
            }
        });
    }

    private static void require(boolean fits, String place, Json value, Json argument, List<String> complaints) {
        if (!fits) {
            complaints.add(place + " is " + value + " and not " + argument);
        }
    }

    private void items(JsonObject schema, Json value, String place, List<String> complaints) {
        if (value instanceof JsonArray(List<Json> elements)) {
            for (int i = 0; i < elements.size(); i++) {
                complaints.addAll(complaints(schema, elements.get(i), place + "[" + i + "]"));
            }
        }
    }

    private void properties(
            JsonObject schemas, Json value, String place, List<String> complaints, Set<String> described) {
        described.addAll(schemas.members().keySet());
        if (value instanceof JsonObject(Map<String, Json> members)) {
            schemas.members().forEach((name, schema) -> {
                if (members.containsKey(name)) {
                    complaints.addAll(complaints(object(schema), members.get(name), place + "." + name));
                }
            });
        }
    }

    private static void required(Json names, Json value, String place, List<String> complaints) {
        if (value instanceof JsonObject(Map<String, Json> members)) {
            for (Json name : elements(names)) {
                if (name instanceof JsonString(String text) && !members.containsKey(text)) {
                    complaints.add(place + " has no " + text);
                }
            }
        }
    }

    private void anyOf(
            List<Json> schemas,
            int least,
            int most,
            Json value,
            String place,
            List<String> complaints,
            Set<String> described) {
        int fitting = 0;
        List<String> misfits = new ArrayList<>();
        for (Json schema : schemas) {
            List<String> wrong = new ArrayList<>();
            Set<String> known = new TreeSet<>();
            check(object(schema), value, place, wrong, known);
            if (wrong.isEmpty()) {
                fitting++;
                described.addAll(known);
            }
            misfits.addAll(wrong);
        }
        if (fitting < least || fitting > most) {
            complaints.add(place + " fits " + fitting + " of the alternatives " + misfits);
        }
    }

    private static List<String> types(Json argument) {
        List<String> types = new ArrayList<>();
        for (Json type : argument instanceof JsonArray(List<Json> all) ? all : List.of(argument)) {
            if (!(type instanceof JsonString(String name))) {
                throw new AssertionError(type + " is no name of a type");
            }
            types.add(name);
        }
        return types;
    }

    private static boolean isOf(String type, Json value) {
        return type.equals(
                switch (value) {
                    case JsonObject _ -> "object";
                    case JsonArray _ -> "array";
                    case JsonString _ -> "string";
                    case JsonInteger _ -> "integer";
                    case JsonDecimal _ -> "number";
                    case JsonBoolean _ -> "boolean";
                    case JsonNull _ -> "null";
                });
    }

    private static boolean isOfFormat(Json format, Json value) {
        if (!format.equals(Json.of("date-time"))) {
            throw new AssertionError("no test knows the format " + format);
        }
        if (value instanceof JsonString(String text)) {
            try {
                OffsetDateTime.parse(text);
            } catch (DateTimeParseException _) {
                return false;
            }
        }
        return true;
    }

    static List<Json> elements(Json argument) {
        if (argument instanceof JsonArray(List<Json> elements)) {
            return elements;
        }
        throw new AssertionError(argument + " is no list");
    }

    static JsonObject object(Json value) {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new AssertionError(value + " is no object");
    }
}
