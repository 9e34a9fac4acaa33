package labeler.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import labeler.http.RequestRefusal.Reason;
import org.eclipse.jetty.http.pathmap.MatchedResource;
import org.eclipse.jetty.http.pathmap.PathMappings;
import org.eclipse.jetty.http.pathmap.UriTemplatePathSpec;

/** Finds the endpoint for a request. */
public final class Router {
    private final List<Route> routes;

    /** The methods of each path. */
    private final PathMappings<Path> paths = new PathMappings<>();

    private record Path(UriTemplatePathSpec template, Map<String, Route> methods) {}

    /** The result of a search. */
    sealed interface Found {}

    record Match(Route route, Map<String, String> parameters) implements Found {}

    /**
     * No route has this path, or none with this method.
     *
     * @param methods that the path has in place of this one
     */
    record NoMatch(HttpAnswer answer, Set<String> methods) implements Found {}

    public Router(List<Route> routes) {
        this.routes = List.copyOf(routes);
        Map<String, Path> byTemplate = new HashMap<>();
        routes.forEach(route -> byTemplate
                .computeIfAbsent(
                        route.template(), template -> new Path(new UriTemplatePathSpec(template), new TreeMap<>()))
                .methods()
                .put(route.method(), route));
        byTemplate.values().forEach(path -> paths.put(path.template(), path));
    }

    public List<Route> routes() {
        return routes;
    }

    /**
     * Looks for the route that fits.
     *
     * @param rawPath the request's path, percent-encoded, so that a slash in a name is no separator
     */
    Found find(String method, String rawPath) {
        MatchedResource<Path> matched = paths.getMatched(rawPath);
        if (matched == null) {
            return noMatch(Reason.NO_SUCH_ENDPOINT, "no such endpoint; /v1/openapi.yaml lists those there are");
        }
        Path path = matched.getResource();
        Route route = path.methods().get(method);
        if (route == null) {
            Set<String> methods = path.methods().keySet();
            return new NoMatch(
                    HttpAnswer.refusal(
                            Reason.METHOD_NOT_ALLOWED, "this endpoint has only " + String.join(", ", methods)),
                    methods);
        }
        Map<String, String> parameters = new HashMap<>();
        for (Map.Entry<String, String> raw :
                path.template().getPathParams(rawPath).entrySet()) {
            Optional<String> decoded = PercentDecoding.decode(raw.getValue());
            if (decoded.isEmpty()) {
                return noMatch(Reason.USAGE, "the path of the URL is not percent-encoded UTF-8");
            }
            parameters.put(raw.getKey(), decoded.get());
        }
        return new Match(route, parameters);
    }

    private static NoMatch noMatch(Reason reason, String message) {
        return new NoMatch(HttpAnswer.refusal(reason, message), Set.of());
    }
}
