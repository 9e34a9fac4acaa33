package labeler.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import labeler.linux.HostPath;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A table of the settings file. It remembers which settings were asked for. All others are unknown. */
final class ConfigTable {
    /** A word at a greater distance is no misspelling. */
    private static final int NEAREST = 3;

    private final String name;
    private final @Nullable JsonNode node;
    private final List<String> errors;
    private final Set<String> known = new TreeSet<>();
    private final List<ConfigTable> tables = new ArrayList<>();

    /** The whole file. */
    ConfigTable(JsonNode root) {
        this("", root, new ArrayList<>());
    }

    /** @param node null if the file has no such table; the table is then empty */
    private ConfigTable(String name, @Nullable JsonNode node, List<String> errors) {
        this.name = name;
        this.node = node;
        this.errors = errors;
    }

    ConfigTable table(String key) {
        Optional<JsonNode> value = get(key);
        if (value.isPresent() && !value.get().isObject()) {
            errors.add(key + " must be a table: [" + key + "]");
        }
        ConfigTable table =
                new ConfigTable(key, value.filter(JsonNode::isObject).orElse(null), errors);
        tables.add(table);
        return table;
    }

    <T> T parsed(String key, Function<String, Optional<T>> parser, String expected, T fallback) {
        return parsed(key, parser, expected).orElse(fallback);
    }

    /** A constant by its name in small letters. */
    <E extends Enum<E>> E constant(String key, E fallback) {
        Class<E> type = fallback.getDeclaringClass();
        List<String> words = Arrays.stream(type.getEnumConstants())
                .map(constant -> "\"" + word(constant) + "\"")
                .toList();
        String expected = String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
        return parsed(key, word -> constant(type, word), expected, fallback);
    }

    static <E extends Enum<E>> Optional<E> constant(Class<E> type, String word) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> word(constant).equals(word))
                .findFirst();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    <T> Optional<T> parsed(String key, Function<String, Optional<T>> parser, String expected) {
        Optional<JsonNode> value = get(key);
        Optional<T> result =
                value.filter(JsonNode::isString).map(JsonNode::stringValue).flatMap(parser);
        if (value.isPresent() && result.isEmpty()) {
            errors.add(qualified(key) + " must be " + expected);
        }
        return result;
    }

    Optional<Boolean> flag(String key) {
        Optional<JsonNode> value = get(key);
        Optional<Boolean> result = value.filter(JsonNode::isBoolean).map(JsonNode::booleanValue);
        if (value.isPresent() && result.isEmpty()) {
            errors.add(qualified(key) + " must be true or false");
        }
        return result;
    }

    Optional<Path> absolutePath(String key) {
        return parsed(key, ConfigTable::absolute, "an absolute path");
    }

    private static Optional<Path> absolute(String text) {
        return HostPath.parse(text.getBytes(StandardCharsets.UTF_8))
                .filter(HostPath::isAbsolute)
                .map(HostPath::jdkPath);
    }

    Optional<Integer> number(String key, int minimum, int maximum) {
        Optional<JsonNode> value = get(key);
        Optional<Integer> result = value.filter(JsonNode::isInt)
                .map(JsonNode::intValue)
                .filter(number -> number >= minimum && number <= maximum);
        if (value.isPresent() && result.isEmpty()) {
            errors.add(qualified(key) + " must be a whole number from " + minimum + " to " + maximum);
        }
        return result;
    }

    Optional<List<HostPath>> paths(String key) {
        return texts(key, text -> text.startsWith("/") && text.indexOf(0) < 0, "absolute paths")
                .map(texts -> texts.stream().map(HostPath::of).toList());
    }

    Optional<List<String>> texts(String key, Predicate<String> allowed, String expected) {
        Optional<JsonNode> value = get(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        List<String> texts = value.get().values().stream()
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .filter(allowed)
                .toList();
        if (!value.get().isArray() || texts.size() < value.get().size()) {
            errors.add(qualified(key) + " must be a list of " + expected);
            return Optional.empty();
        }
        return Optional.of(texts);
    }

    /** The first fault in the file. To be called after all settings were asked for. */
    Optional<String> firstError() {
        refuseTheRest();
        return errors.stream().findFirst();
    }

    private void refuseTheRest() {
        tables.forEach(ConfigTable::refuseTheRest);
        if (node != null) {
            node.properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(key -> !known.contains(key))
                    .forEach(key -> errors.add("unknown setting " + qualified(key) + suggestion(key)));
        }
    }

    private String suggestion(String key) {
        return known.stream()
                .filter(candidate -> distance(key, candidate) <= NEAREST)
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
                .map(candidate -> "; did you mean " + qualified(candidate) + "?")
                .orElseGet(() -> "; known here: " + String.join(", ", known));
    }

    /** The Levenshtein distance: how many characters to insert, remove or replace. */
    private static int distance(String one, String other) {
        int[] previous = new int[other.length() + 1];
        for (int j = 0; j < previous.length; j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[other.length() + 1];
            current[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[other.length()];
    }

    private Optional<JsonNode> get(String key) {
        known.add(key);
        return node == null ? Optional.empty() : Optional.ofNullable(node.get(key));
    }

    private String qualified(String key) {
        return name.isEmpty() ? key : name + "." + key;
    }
}
