package labeler.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import labeler.linux.HostPath;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A table of the settings file. It remembers what was asked of it, so what was not is known to be unknown. */
final class ConfigTable {
    /** A misspelling further away than this is a different word. */
    private static final int NEAREST = 3;

    private final String name;
    private final @Nullable JsonNode node;
    private final List<String> errors;
    private final Set<String> known = new TreeSet<>();

    /**
     * A table by its name in the file.
     *
     * @param node null where the file has no such table, which is then empty
     */
    ConfigTable(String name, @Nullable JsonNode node, List<String> errors) {
        this.name = name;
        this.node = node;
        this.errors = errors;
    }

    ConfigTable table(String key) {
        Optional<JsonNode> value = get(key);
        if (value.isPresent() && !value.get().isObject()) {
            errors.add(key + " must be a table: [" + key + "]");
            return new ConfigTable(key, null, errors);
        }
        return new ConfigTable(key, value.orElse(null), errors);
    }

    Optional<String> text(String key, Predicate<String> allowed, String expected) {
        return parsed(key, text -> Optional.of(text).filter(allowed), expected);
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

    Optional<List<String>> texts(String key, Predicate<String> allowed, String expected) {
        Optional<JsonNode> value = get(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>();
        boolean valid = value.get().isArray();
        for (JsonNode element : value.get().values()) {
            if (element.isString() && allowed.test(element.stringValue())) {
                texts.add(element.stringValue());
            } else {
                valid = false;
            }
        }
        if (!valid) {
            errors.add(qualified(key) + " must be a list of " + expected);
            return Optional.empty();
        }
        return Optional.of(texts);
    }

    /** To be called when all settings have been asked for. */
    void refuseTheRest() {
        if (node == null) {
            return;
        }
        for (var entry : node.properties()) {
            if (!known.contains(entry.getKey())) {
                errors.add("unknown setting " + qualified(entry.getKey()) + suggestion(entry.getKey()));
            }
        }
    }

    private String suggestion(String key) {
        return known.stream()
                .filter(candidate -> distance(key, candidate) <= NEAREST)
                .min(Comparator.comparingInt(candidate -> distance(key, candidate)))
                .map(candidate -> "; did you mean " + qualified(candidate) + "?")
                .orElseGet(() -> "; known here: " + String.join(", ", known));
    }

    /** Levenshtein's: how many characters to insert, remove or replace. */
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
