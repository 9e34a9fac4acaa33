package labeler.json;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import labeler.json.Form.OfBytes;
import labeler.json.Form.OfElement;
import labeler.json.Form.OfList;
import labeler.json.Form.OfNothing;
import labeler.json.Form.OfValue;
import labeler.json.Json.JsonObject;

/**
 * Records as JSON, by their own declaration: a component is the member of its name. A component is text, a number, a
 * boolean, bytes, a value of a registered type, a record of these, a list or set of one of these, or an
 * {@code Optional} of any. JSON never chooses the class. Faults are returned, never thrown.
 */
public final class RecordJson {
    private static final String TEXT = "a string without NUL";
    private static final String NUMBER = "a whole number";

    private final Map<Type, Form<?>> told = new HashMap<>();
    private final ClassValue<RecordForm> records = new ClassValue<>() {
        @Override
        protected RecordForm computeValue(Class<?> type) {
            return new RecordForm(type, RecordJson.this::form);
        }
    };

    /** The result of a read. */
    public sealed interface Result<T> {}

    public record Understood<T>(T value) implements Result<T> {}

    /**
     * The JSON is no such record.
     *
     * @param message one line
     */
    public record NotUnderstood<T>(String message) implements Result<T> {}

    /** Knows text, numbers, booleans and bytes. */
    public RecordJson() {
        OfValue<byte[]> text = OfValue.text(RecordJson::shown, RecordJson::utf8, false, TEXT);
        OfValue<byte[]> encoded = OfValue.text(RecordJson::base64, RecordJson::decoded, false, "a string in base64");
        tell(byte[].class, new OfBytes<>(text, encoded, RecordJson::isText, false));
        tell(
                List.class,
                new OfBytes<Collection<byte[]>>(
                        new OfList<>(text, false),
                        new OfList<>(encoded, false),
                        all -> all.stream().allMatch(RecordJson::isText),
                        false));
        tell(boolean.class, OfValue.truth());
        text(String.class, Function.identity(), Optional::of, TEXT);
        number(Long.class, Function.identity(), Optional::of, NUMBER);
        number(
                Integer.class,
                Integer::longValue,
                number -> number == number.intValue() ? Optional.of(number.intValue()) : Optional.empty(),
                NUMBER);
        tell(long.class, form(Long.class));
        tell(int.class, form(Integer.class));
    }

    private RecordJson tell(Class<?> type, Form<?> form) {
        told.put(type, form);
        return this;
    }

    /** Registers values that are whole numbers in JSON. */
    public <T> RecordJson number(
            Class<T> type, Function<T, Long> writing, Function<Long, Optional<T>> reading, String expected) {
        return tell(type, OfValue.number(writing, reading, expected));
    }

    /** Registers values that are text in JSON, without NUL. */
    public <T> RecordJson text(
            Class<T> type, Function<T, String> writing, Function<String, Optional<T>> reading, String expected) {
        return tell(type, OfValue.text(writing, reading, false, expected));
    }

    /** The same with every character, for text that is read where it was written. */
    public <T> RecordJson anyText(
            Class<T> type, Function<T, String> writing, Function<String, Optional<T>> reading, String expected) {
        return tell(type, OfValue.text(writing, reading, true, expected));
    }

    /** Registers constants with their own words. Words of all others are their names, in lower case with hyphens. */
    public <E extends Enum<E>> RecordJson words(Class<E> type, Function<E, String> word) {
        return tell(type, constants(type.getEnumConstants(), word));
    }

    private static <E> OfValue<E> constants(E[] all, Function<? super E, String> word) {
        Map<String, E> constants = new LinkedHashMap<>();
        for (E constant : all) {
            constants.put(word.apply(constant), constant);
        }
        String expected = "\"" + String.join("\" or \"", constants.keySet()) + "\"";
        return OfValue.text(word::apply, text -> Optional.ofNullable(constants.get(text)), false, expected);
    }

    private static String word(Object constant) {
        return String.valueOf(constant).toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Registers values that are bytes: text, or base64 under another name.
     *
     * @param printable the text beside base64, for people
     */
    public <T> RecordJson bytes(
            Class<T> type,
            Function<T, byte[]> writing,
            Function<byte[], Optional<T>> reading,
            Function<T, String> printable,
            String expected) {
        Predicate<T> isText = value -> isText(writing.apply(value));
        OfValue<T> text = OfValue.text(
                value -> isText.test(value) ? shown(writing.apply(value)) : printable.apply(value),
                shown -> reading.apply(shown.getBytes(StandardCharsets.UTF_8)),
                true,
                expected);
        OfValue<T> encoded = OfValue.text(
                value -> base64(writing.apply(value)),
                base64 -> decoded(base64).flatMap(reading),
                false,
                expected + " in base64");
        return tell(type, new OfBytes<>(text, encoded, isText, true));
    }

    /** Registers values that are not written: they are {@code Optional}, and empty when they are read. */
    public RecordJson without(Class<?> type) {
        return tell(type, new OfNothing<>());
    }

    private static String shown(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static boolean isText(byte[] bytes) {
        return Arrays.equals(shown(bytes).getBytes(StandardCharsets.UTF_8), bytes);
    }

    private static Optional<byte[]> utf8(String text) {
        return Optional.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Optional<byte[]> decoded(String base64) {
        try {
            return Optional.of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Form<?> form(Type type) {
        Optional<Form<?>> known = Optional.ofNullable(told.get(type));
        if (known.isPresent()) {
            return known.get();
        }
        if (type instanceof Class<?> record && record.isRecord()) {
            return records.get(record);
        }
        if (type instanceof Class<?> constants && constants.isEnum()) {
            return constants(constants.getEnumConstants(), RecordJson::word);
        }
        if (type instanceof ParameterizedType list) {
            Type element = list.getActualTypeArguments()[0];
            if (element == byte[].class) {
                return form(List.class);
            }
            if (form(element) instanceof OfElement<?> form
                    && Collection.class.isAssignableFrom((Class<?>) list.getRawType())) {
                return new OfList<>(form, list.getRawType() == Set.class);
            }
        }
        throw new IllegalArgumentException("no form in JSON for " + type);
    }

    public JsonObject write(Record value) {
        return records.get(value.getClass()).write(value);
    }

    /** The lists of a record whose components are lists, each element written on demand. */
    public JsonLists lists(Record value) {
        return records.get(value.getClass()).lists(value);
    }

    /**
     * Reads a record.
     *
     * @param isStrict whether an unknown member is a fault; otherwise it is ignored
     */
    public <T extends Record> Result<T> read(Class<T> type, Json json, boolean isStrict) {
        if (!(json instanceof JsonObject object)) {
            return new NotUnderstood<>("it must be a JSON object");
        }
        ObjectReader reader = new ObjectReader(object, isStrict);
        Optional<Record> value = records.get(type).read(reader);
        return reader.fault()
                .<Result<T>>map(NotUnderstood::new)
                .orElseGet(() -> new Understood<>(type.cast(value.orElseThrow())));
    }
}
