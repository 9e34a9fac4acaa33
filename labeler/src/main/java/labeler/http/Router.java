package labeler.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.api.PercentEncoding;

/** Finds who answers. The table is short, so it is simply tried from its top. */
public final class Router {
    private final List<Route> routes;

    /** What came of looking. */
    public sealed interface Found {}

    public record Match(Route route, Map<String, String> parameters) implements Found {}

    public record NoSuchPath() implements Found {}

    /**
     * The path is there, but not for this method.
     *
     * @param allowed the methods that it has
     */
    public record OtherMethod(List<String> allowed) implements Found {}

    /** The path cannot be decoded. */
    public record BadPath() implements Found {}

    public Router(List<Route> routes) {
        this.routes = List.copyOf(routes);
    }

    public List<Route> routes() {
        return routes;
    }

    /**
     * Looks for the first route that fits.
     *
     * @param rawPath as in the request, percent-encoded: a slash in a name is then none of the path's
     */
    Found find(String method, String rawPath) {
        if (!rawPath.startsWith("/")) {
            return new NoSuchPath();
        }
        List<String> segments = new ArrayList<>();
        for (String segment : Route.segments(rawPath)) {
            Optional<String> decoded = PercentEncoding.decode(segment);
            if (decoded.isEmpty()) {
                return new BadPath();
            }
            segments.add(decoded.get());
        }
        List<String> allowed = new ArrayList<>();
        for (Route route : routes) {
            Optional<Map<String, String>> parameters = route.match(segments);
            if (parameters.isPresent()) {
                if (route.method().equals(method)) {
                    return new Match(route, parameters.get());
                }
                allowed.add(route.method());
            }
        }
        return allowed.isEmpty() ? new NoSuchPath() : new OtherMethod(allowed);
    }
}
