package labeler.json;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonString;
import labeler.json.Json.ObjectBuilder;

/** The form of values of one type as members of an object. */
interface Form<T> {
    void put(ObjectBuilder object, String name, T value);

    /** Writes the absence of a value. */
    default void putNothing(ObjectBuilder object, String name) {
        object.put(name, Json.nothing());
    }

    /** The value; empty if there is none, or if it cannot be read, which {@code from} notes. */
    Optional<T> take(ObjectReader from, String name);

    /** The form of values that are one JSON value each, and so can be elements of a list. */
    interface OfElement<T> extends Form<T> {
        Json write(T value);

        /** The value; empty if it cannot be read, which {@code from} notes for the member of this name. */
        Optional<T> read(Json json, ObjectReader from, String name);

        @Override
        default void put(ObjectBuilder object, String name, T value) {
            object.put(name, write(value));
        }

        @Override
        default Optional<T> take(ObjectReader from, String name) {
            Optional<Json> json = from.take(name);
            return json.isPresent() ? read(json.get(), from, name) : Optional.empty();
        }
    }

    /** The form of a value that is one JSON value: text, a number, true or false. */
    record OfValue<T>(Function<T, Json> writing, Function<Json, Optional<T>> reading, String expected)
            implements OfElement<T> {
        /** The form of text, without NUL unless the value takes one. */
        static <T> OfValue<T> text(
                Function<T, String> writing, Function<String, Optional<T>> reading, boolean takesNul, String expected) {
            return new OfValue<>(
                    value -> Json.of(writing.apply(value)),
                    json -> json instanceof JsonString(String text) && (takesNul || text.indexOf(0) < 0)
                            ? reading.apply(text)
                            : Optional.empty(),
                    expected);
        }

        /** The form of a whole number. */
        static <T> OfValue<T> number(Function<T, Long> writing, Function<Long, Optional<T>> reading, String expected) {
            return new OfValue<>(
                    value -> Json.of(writing.apply(value)),
                    json -> json instanceof JsonInteger(long number) ? reading.apply(number) : Optional.empty(),
                    expected);
        }

        /** The form of true and false. */
        static OfValue<Boolean> truth() {
            return new OfValue<>(
                    Json::of,
                    json -> json instanceof JsonBoolean(boolean value) ? Optional.of(value) : Optional.empty(),
                    "true or false");
        }

        @Override
        public Json write(T value) {
            return writing.apply(value);
        }

        @Override
        public Optional<T> read(Json json, ObjectReader from, String name) {
            return from.orWrong(reading.apply(json), name, expected);
        }
    }

    /** The form of a list, or of a set, which is written in the natural order of its elements. */
    record OfList<T>(OfElement<T> element, boolean isSet) implements OfElement<Collection<T>> {
        @Override
        public Json write(Collection<T> values) {
            return Json.array(elements(values).toList());
        }

        /** The elements, each written on demand. */
        @SuppressWarnings("unchecked") // The form of a component is that of its type.
        Stream<Json> elements(Object values) {
            Stream<T> all = ((Collection<T>) values).stream();
            return (isSet ? all.sorted() : all).map(element::write);
        }

        @Override
        public Optional<Collection<T>> read(Json json, ObjectReader from, String name) {
            if (!(json instanceof JsonArray(List<Json> elements))) {
                return from.orWrong(Optional.empty(), name, "a list");
            }
            Collection<T> values = isSet ? new LinkedHashSet<>() : new ArrayList<>(elements.size());
            for (Json value : elements) {
                element.read(value, from, name).ifPresent(values::add);
            }
            return Optional.of(values);
        }
    }

    /**
     * The form of bytes: text if they are UTF-8, otherwise base64 under {@code NAMEBase64}.
     *
     * @param isShown whether text for people stands beside base64; reading ignores it
     */
    record OfBytes<T>(OfElement<T> text, OfElement<T> encoded, Predicate<T> isText, boolean isShown)
            implements Form<T> {
        /** The end of the name of a member in base64. */
        static final String SUFFIX = "Base64";

        @Override
        public void put(ObjectBuilder object, String name, T value) {
            if (isShown || isText.test(value)) {
                text.put(object, name, value);
            }
            if (!isText.test(value)) {
                encoded.put(object, name + SUFFIX, value);
            }
        }

        @Override
        public Optional<T> take(ObjectReader from, String name) {
            boolean isPlain = from.take(name).isPresent();
            boolean isEncoded = from.take(name + SUFFIX).isPresent();
            if (isPlain && isEncoded && !isShown) {
                return from.orWrong(Optional.empty(), name, "there once, plain or in base64");
            }
            return isEncoded ? encoded.take(from, name + SUFFIX) : text.take(from, name);
        }
    }

    /** The form of values that are never written, and so never read. */
    record OfNothing<T>() implements Form<T> {
        @Override
        public void put(ObjectBuilder object, String name, T value) {}

        @Override
        public void putNothing(ObjectBuilder object, String name) {}

        @Override
        public Optional<T> take(ObjectReader from, String name) {
            return Optional.empty();
        }
    }
}
