package labeler.described;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.json.Json;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * YAML as other programs read it: by a parser that is not ours, and by the words of YAML 1.1, in which {@code on} without quotes
 * is a truth value. What reads the same there reads the same by YAML 1.2.
 */
public final class YamlText {
    private YamlText() {}

    /**
     * The only document of a text.
     *
     * @throws org.yaml.snakeyaml.error.YAMLException if it is not YAML, or has a key twice
     */
    public static Json read(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return json(new Yaml(new SafeConstructor(options)).load(text));
    }

    private static Json json(@Nullable Object value) {
        return switch (value) {
            case null -> Json.nothing();
            case String text -> Json.of(text);
            case Boolean truth -> Json.of(truth);
            case Integer number -> Json.of(number);
            case Long number -> Json.of(number);
            case BigInteger number -> new Json.JsonDecimal(number.toString());
            case Double number -> new Json.JsonDecimal(number.toString());
            case List<?> elements -> {
                List<Json> all = new ArrayList<>();
                elements.forEach(element -> all.add(json(element)));
                yield Json.array(all);
            }
            case Map<?, ?> members -> {
                Map<String, Json> all = new LinkedHashMap<>();
                members.forEach((name, member) -> all.put(name(name), json(member)));
                yield new Json.JsonObject(all);
            }
            // A date, for example, that somebody forgot to quote.
            case Object other ->
                throw new AssertionError(
                        other + " is read as a " + other.getClass().getSimpleName());
        };
    }

    private static String name(@Nullable Object key) {
        if (key instanceof String name) {
            return name;
        }
        throw new AssertionError("the key " + key + " is not read as text");
    }
}
