package labeler.http;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.api.PercentEncoding;
import labeler.problem.QuotedText;

/** The query of a request. Every parameter must be known: an ignored one could be the one that says "do nothing". */
final class Query {
    /** The result of a read. */
    sealed interface Result {}

    /** @param on the parameters that are switched on */
    record Read(Set<String> on) implements Result {
        Read {
            on = Set.copyOf(on);
        }
    }

    /** Not usable; {@code message} is one line. */
    record Unusable(String message) implements Result {}

    private Query() {}

    /**
     * Reads switches, each {@code true} or {@code false}, and at most once.
     *
     * @param raw as in the URL, percent-encoded
     * @param known all known names
     */
    static Result read(String raw, Set<String> known) {
        Map<String, Boolean> switches = new HashMap<>();
        for (String part : raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
            int equals = part.indexOf('=');
            Optional<String> name = PercentEncoding.decode(equals < 0 ? part : part.substring(0, equals));
            Optional<String> value = PercentEncoding.decode(equals < 0 ? "" : part.substring(equals + 1));
            if (name.isEmpty() || value.isEmpty()) {
                return new Unusable("the query of the URL is not percent-encoded UTF-8");
            }
            if (!known.contains(name.get())) {
                return new Unusable("this endpoint takes no parameter \"" + QuotedText.of(name.get()) + "\""
                        + (known.isEmpty() ? "" : ", only " + String.join(", ", known)));
            }
            Optional<Boolean> on = switch (value.get()) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
            };
            if (on.isEmpty() || switches.put(name.get(), on.get()) != null) {
                return new Unusable("the parameter " + name.get() + " is given once, as true or false");
            }
        }
        switches.values().removeIf(on -> !on);
        return new Read(switches.keySet());
    }
}
