package labeler.http;

import java.util.Set;

/**
 * A method and a path, as the OpenAPI file spells them.
 *
 * @param template a path with placeholders in braces, each a whole segment: {@code /v1/vms/{name}/start}
 * @param query names of its query parameters that are switches
 * @param values names of its query parameters with a value
 * @param effort whether its answer comes from memory
 */
public record Route(
        String method, String template, Set<String> query, Set<String> values, Endpoint endpoint, Effort effort) {
    /** The work for an answer. */
    public enum Effort {
        /** It comes from memory, and is made at once even if the service is busy. */
        NONE,
        /** System calls on files of VMs, which may take long. One of a bounded number of threads makes it. */
        WORK
    }

    public Route {
        query = Set.copyOf(query);
        values = Set.copyOf(values);
    }

    /** A route without parameters. */
    public Route(String method, String template, Endpoint endpoint) {
        this(method, template, Set.of(), endpoint);
    }

    public Route(String method, String template, Set<String> query, Endpoint endpoint) {
        this(method, template, query, Set.of(), endpoint, Effort.WORK);
    }

    /** A route whose answer comes from memory. */
    public static Route light(String method, String template, Endpoint endpoint) {
        return new Route(method, template, Set.of(), Set.of(), endpoint, Effort.NONE);
    }
}
