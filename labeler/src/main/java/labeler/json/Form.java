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

/** How values of one type stand among the members of an object. */
interface Form<T> {
    void put(ObjectBuilder object, String name, T value);

    /** Where there is no value. */
    default void putNothing(ObjectBuilder object, String name) {
        object.put(name, Json.nothing());
    }

    /** Empty where there is none, and where it cannot be read, which {@code from} is told then. */
    Optional<T> take(ObjectReader from, String name);

    /** Of values that are one JSON value each, and so can be elements of a list. */
    interface OfElement<T> extends Form<T> {
        Json write(T value);

        /** Empty where it cannot be read, which {@code from} is told then, as the member of this name or a part of it. */
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

    /** Of text, without NUL unless the value takes one. */
    record OfText<T>(
            Function<T, String> writing, Function<String, Optional<T>> reading, boolean takesNul, String expected)
            implements OfElement<T> {
        @Override
        public Json write(T value) {
            return Json.of(writing.apply(value));
        }

        @Override
        public Optional<T> read(Json json, ObjectReader from, String name) {
            return from.orWrong(
                    json instanceof JsonString(String text) && (takesNul || text.indexOf(0) < 0)
                            ? reading.apply(text)
                            : Optional.empty(),
                    name,
                    expected);
        }
    }

    /** Of a whole number. */
    record OfNumber<T>(Function<T, Long> writing, Function<Long, Optional<T>> reading, String expected)
            implements OfElement<T> {
        @Override
        public Json write(T value) {
            return Json.of(writing.apply(value));
        }

        @Override
        public Optional<T> read(Json json, ObjectReader from, String name) {
            return from.orWrong(
                    json instanceof JsonInteger(long number) ? reading.apply(number) : Optional.empty(),
                    name,
                    expected);
        }
    }

    /** Of true and false. */
    record OfBoolean() implements OfElement<Boolean> {
        @Override
        public Json write(Boolean value) {
            return Json.of(value);
        }

        @Override
        public Optional<Boolean> read(Json json, ObjectReader from, String name) {
            return from.orWrong(
                    json instanceof JsonBoolean(boolean value) ? Optional.of(value) : Optional.empty(),
                    name,
                    "true or false");
        }
    }

    /** Of a list, or of a set, which is written in the natural order of its elements. */
    record OfList<T>(OfElement<T> element, boolean isSet) implements OfElement<Collection<T>> {
        @Override
        public Json write(Collection<T> values) {
            return Json.array(elements(values).toList());
        }

        /** Each is written when it is asked for. */
        @SuppressWarnings("unchecked") // Whoever has the form of a component has it of the component's type.
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
     * Of what is bytes: as text, or in base64 below {@code NAMEBase64} where they are not UTF-8.
     *
     * @param isShown whether text for people stands beside base64, which does not count when it is read back
     */
    record OfBytes<T>(OfElement<T> text, OfElement<T> encoded, Predicate<T> isText, boolean isShown)
            implements Form<T> {
        /** What the name of a member in base64 ends in. */
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

    /** Of what does not travel, and so is never there. */
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
