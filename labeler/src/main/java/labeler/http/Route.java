package labeler.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A method and a path, as the OpenAPI file spells them.
 *
 * @param template placeholders in braces, each a whole segment: {@code /v1/vms/{name}/start}
 * @param query names of the parameters that it takes behind the path
 * @param effort whether its answer comes out of memory
 */
public record Route(String method, String template, Set<String> query, Endpoint endpoint, Effort effort) {
    /** What an answer takes. */
    public enum Effort {
        /** Nothing but memory: it is made at once, however busy the service is otherwise. */
        NONE,
        /** System calls on files of VMs, which may take long: one of a bounded number of threads makes it. */
        WORK
    }

    public Route {
        query = Set.copyOf(query);
    }

    /** One that takes no parameters. */
    public Route(String method, String template, Endpoint endpoint) {
        this(method, template, Set.of(), endpoint);
    }

    public Route(String method, String template, Set<String> query, Endpoint endpoint) {
        this(method, template, query, endpoint, Effort.WORK);
    }

    /** One whose answer comes out of memory. */
    public static Route light(String method, String template, Endpoint endpoint) {
        return new Route(method, template, Set.of(), endpoint, Effort.NONE);
    }

    /** What the placeholders stand for in these segments; empty if this is not the path. */
    Optional<Map<String, String>> match(List<String> segments) {
        List<String> expected = segments(template);
        if (expected.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < expected.size(); i++) {
            String wanted = expected.get(i);
            if (wanted.startsWith("{")) {
                parameters.put(wanted.substring(1, wanted.length() - 1), segments.get(i));
            } else if (!wanted.equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(parameters);
    }

    /** The parts of a path between its slashes, not decoded. */
    static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }
}
