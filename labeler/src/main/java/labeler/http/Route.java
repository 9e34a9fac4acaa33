package labeler.http;

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
}
