package labeler.http;

import static java.util.stream.Collectors.joining;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.problem.QuotedText;

/** The query of a request. Every parameter must be known: an ignored one could be the one that says "do nothing". */
final class Query {
    /** The result of a read. */
    sealed interface Result {}

    /**
     * The parameters.
     *
     * @param on those that are switched on
     * @param values those that have a value
     */
    record Read(Set<String> on, Map<String, String> values) implements Result {
        Read {
            on = Set.copyOf(on);
            values = Map.copyOf(values);
        }
    }

    /** Not usable; {@code message} is one line. */
    record Unusable(String message) implements Result {}

    private Query() {}

    /**
     * Reads parameters, each at most once.
     *
     * @param raw as in the URL, percent-encoded
     * @param switches names of those that are {@code true} or {@code false}
     * @param free names of those with any value
     */
    static Result read(String raw, Set<String> switches, Set<String> free) {
        Map<String, Boolean> read = new HashMap<>();
        Map<String, String> values = new HashMap<>();
        for (String part : raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
            int equals = part.indexOf('=');
            Optional<String> name = PercentDecoding.decode(equals < 0 ? part : part.substring(0, equals));
            Optional<String> value = PercentDecoding.decode(equals < 0 ? "" : part.substring(equals + 1));
            if (name.isEmpty() || value.isEmpty()) {
                return new Unusable("the query of the URL is not percent-encoded UTF-8");
            }
            if (free.contains(name.get())) {
                if (values.put(name.get(), value.get()) != null) {
                    return new Unusable("the parameter " + name.get() + " is given once");
                }
                continue;
            }
            if (!switches.contains(name.get())) {
                return new Unusable(unknown(name.get(), switches, free));
            }
            Optional<Boolean> on = truth(value.get());
            if (on.isEmpty() || read.put(name.get(), on.get()) != null) {
                return new Unusable("the parameter " + name.get() + " is given once, as true or false");
            }
        }
        read.values().removeIf(on -> !on);
        return new Read(read.keySet(), values);
    }

    private static String unknown(String name, Set<String> switches, Set<String> free) {
        String known = Stream.concat(switches.stream(), free.stream()).collect(joining(", "));
        return "this endpoint takes no parameter \"" + QuotedText.of(name) + "\""
                + (known.isEmpty() ? "" : ", only " + known);
    }

    private static Optional<Boolean> truth(String value) {
        return switch (value) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
