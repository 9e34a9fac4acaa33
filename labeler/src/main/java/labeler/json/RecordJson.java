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
import labeler.json.Form.OfBoolean;
import labeler.json.Form.OfBytes;
import labeler.json.Form.OfElement;
import labeler.json.Form.OfList;
import labeler.json.Form.OfNothing;
import labeler.json.Form.OfNumber;
import labeler.json.Form.OfText;
import labeler.json.Json.JsonObject;

/**
 * Records as JSON, by their own declaration: a component is the member of its name. A component is text, a number, a
 * boolean, bytes, of a type that this was told of, a record of such, a list or a set of one of these, or an
 * {@code Optional} of any. JSON never says which class is made of it, and what cannot be read is told, never thrown.
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

    /** What came of reading. */
    public sealed interface Result<T> {}

    public record Understood<T>(T value) implements Result<T> {}

    /**
     * It is something else.
     *
     * @param message one line
     */
    public record NotUnderstood<T>(String message) implements Result<T> {}

    /** Knows text, numbers, booleans and bytes. */
    public RecordJson() {
        OfText<byte[]> text = new OfText<>(RecordJson::shown, RecordJson::utf8, false, TEXT);
        OfText<byte[]> encoded = new OfText<>(RecordJson::base64, RecordJson::decoded, false, "a string in base64");
        tell(byte[].class, new OfBytes<>(text, encoded, RecordJson::isText, false));
        tell(
                List.class,
                new OfBytes<Collection<byte[]>>(
                        new OfList<>(text, false),
                        new OfList<>(encoded, false),
                        all -> all.stream().allMatch(RecordJson::isText),
                        false));
        tell(boolean.class, new OfBoolean());
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

    /** Tells of values that are whole numbers in JSON. */
    public <T> RecordJson number(
            Class<T> type, Function<T, Long> writing, Function<Long, Optional<T>> reading, String expected) {
        return tell(type, new OfNumber<>(writing, reading, expected));
    }

    /** Tells of values that are text in JSON, without NUL. */
    public <T> RecordJson text(
            Class<T> type, Function<T, String> writing, Function<String, Optional<T>> reading, String expected) {
        return tell(type, new OfText<>(writing, reading, false, expected));
    }

    /** Tells of constants whose words are not their names in lower case with hyphens, as are those of all others. */
    public <E extends Enum<E>> RecordJson words(Class<E> type, Function<E, String> word) {
        return tell(type, constants(type.getEnumConstants(), word));
    }

    private static <E> OfText<E> constants(E[] all, Function<? super E, String> word) {
        Map<String, E> constants = new LinkedHashMap<>();
        for (E constant : all) {
            constants.put(word.apply(constant), constant);
        }
        String expected = "\"" + String.join("\" or \"", constants.keySet()) + "\"";
        return new OfText<>(word::apply, text -> Optional.ofNullable(constants.get(text)), false, expected);
    }

    private static String word(Object constant) {
        return String.valueOf(constant).toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Tells of values that are bytes: text, or base64 under another name.
     *
     * @param printable what stands beside base64, for people
     */
    public <T> RecordJson bytes(
            Class<T> type,
            Function<T, byte[]> writing,
            Function<byte[], Optional<T>> reading,
            Function<T, String> printable,
            String expected) {
        Predicate<T> isText = value -> isText(writing.apply(value));
        OfText<T> text = new OfText<>(
                value -> isText.test(value) ? shown(writing.apply(value)) : printable.apply(value),
                shown -> reading.apply(shown.getBytes(StandardCharsets.UTF_8)),
                true,
                expected);
        OfText<T> encoded = new OfText<>(
                value -> base64(writing.apply(value)),
                base64 -> decoded(base64).flatMap(reading),
                false,
                expected + " in base64");
        return tell(type, new OfBytes<>(text, encoded, isText, true));
    }

    /** Tells of values that do not travel: they are {@code Optional}, and empty when they are read. */
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

    /** Of a record whose components are lists, each element written when it is asked for. */
    public JsonLists lists(Record value) {
        return records.get(value.getClass()).lists(value);
    }

    /**
     * Reads a record.
     *
     * @param isStrict whether a member that no component has is a fault; otherwise it is passed over
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
