package labeler.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A JSON value (RFC 8259). */
public sealed interface Json {
    /** Members in the order written. */
    record JsonObject(Map<String, Json> members) implements Json {
        public JsonObject {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        public Optional<Json> get(String name) {
            return Optional.ofNullable(members.get(name));
        }

        /** The member's text; empty if there is none or it is not a string. */
        public Optional<String> text(String name) {
            return get(name)
                    .flatMap(value -> value instanceof JsonString(String text) ? Optional.of(text) : Optional.empty());
        }

        /** The member as a whole number; empty if there is none, or it is not one that a long holds. */
        public Optional<Long> number(String name) {
            return get(name)
                    .flatMap(value ->
                            value instanceof JsonInteger(long number) ? Optional.of(number) : Optional.empty());
        }

        /** The member's elements; none if the member is absent or not an array. */
        public List<Json> elements(String name) {
            return get(name)
                    .map(value -> value instanceof JsonArray(List<Json> elements) ? elements : List.<Json>of())
                    .orElseGet(List::of);
        }

        /** The objects among the member's elements; none if the member is absent or not an array. */
        public List<JsonObject> objects(String name) {
            return get(name).map(Json::objects).orElseGet(List::of);
        }
    }

    record JsonArray(List<Json> elements) implements Json {
        public JsonArray {
            elements = List.copyOf(elements);
        }
    }

    record JsonString(String text) implements Json {}

    /** A whole number that a long holds. */
    record JsonInteger(long number) implements Json {}

    /** Any other number, in its own digits. */
    record JsonDecimal(String digits) implements Json {}

    record JsonBoolean(boolean value) implements Json {}

    record JsonNull() implements Json {}

    /** The objects among the elements of an array; none if it is no array. */
    default List<JsonObject> objects() {
        return this instanceof JsonArray(List<Json> elements)
                ? elements.stream()
                        .filter(JsonObject.class::isInstance)
                        .map(JsonObject.class::cast)
                        .toList()
                : List.of();
    }

    /** The same with other texts; the names of members stay. Recursion is bounded by the depth of the value. */
    default Json mapped(UnaryOperator<String> change) {
        return switch (this) {
            case JsonString(String text) -> new JsonString(change.apply(text));
            case JsonArray(List<Json> elements) ->
                new JsonArray(
                        elements.stream().map(element -> element.mapped(change)).toList());
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> changed = new LinkedHashMap<>();
                members.forEach((name, value) -> changed.put(name, value.mapped(change)));
                yield new JsonObject(changed);
            }
            case JsonInteger _, JsonDecimal _, JsonBoolean _, JsonNull _ -> this;
        };
    }

    static Json of(String text) {
        return new JsonString(text);
    }

    static Json of(long number) {
        return new JsonInteger(number);
    }

    static Json of(boolean value) {
        return new JsonBoolean(value);
    }

    static Json nothing() {
        return new JsonNull();
    }

    static Json array(List<? extends Json> elements) {
        return new JsonArray(List.copyOf(elements));
    }

    static ObjectBuilder object() {
        return new ObjectBuilder();
    }

    /** Builds an object member by member. */
    final class ObjectBuilder {
        private final Map<String, Json> members = new LinkedHashMap<>();

        private ObjectBuilder() {}

        public ObjectBuilder put(String name, Json value) {
            members.put(name, value);
            return this;
        }

        public ObjectBuilder put(String name, String text) {
            return put(name, new JsonString(text));
        }

        public ObjectBuilder put(String name, long number) {
            return put(name, new JsonInteger(number));
        }

        public ObjectBuilder put(String name, boolean value) {
            return put(name, new JsonBoolean(value));
        }

        public ObjectBuilder put(String name, List<? extends Json> elements) {
            return put(name, array(elements));
        }

        public JsonObject build() {
            return new JsonObject(members);
        }
    }
}
