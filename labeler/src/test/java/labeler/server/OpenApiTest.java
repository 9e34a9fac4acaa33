package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.http.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenApiTest {
    private static final Pattern PATH = Pattern.compile("^ {2}(/\\S*):$");
    private static final Pattern PARAMETER =
            Pattern.compile("^ +- \\{ \\$ref: \"#/components/parameters/(\\w+)\" \\}$");
    private static final Pattern METHOD = Pattern.compile("^ {4}(get|post|put|delete|patch):$");

    @Test
    void the_description_has_the_routes_of_the_service_with_their_queries_and_no_others(@TempDir Path directory)
            throws IOException {
        try (TestServer server = TestServer.start(directory)) {
            assertThat(described())
                    .containsExactlyInAnyOrderElementsOf(server.router().routes().stream()
                            .map(route -> route.method() + " " + route.template() + parameters(route))
                            .toList());
        }
    }

    private static Set<String> parameters(Route route) {
        Set<String> names = new TreeSet<>(route.query());
        names.addAll(route.values());
        return names;
    }

    private static List<String> described() {
        List<String> routes = new ArrayList<>();
        String path = "";
        Set<String> query = new TreeSet<>();
        String text = new String(InfoEndpoints.openApi(), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            Matcher pathLine = PATH.matcher(line);
            Matcher methodLine = METHOD.matcher(line);
            Matcher parameter = PARAMETER.matcher(line);
            if (pathLine.matches()) {
                path = pathLine.group(1);
                query.clear();
            } else if (parameter.matches() && !parameter.group(1).equals("Name")) {
                query.add(parameter.group(1).substring(0, 1).toLowerCase(Locale.ROOT)
                        + parameter.group(1).substring(1));
            } else if (methodLine.matches()) {
                routes.add(methodLine.group(1).toUpperCase(Locale.ROOT) + " " + path + query);
            }
        }
        return routes;
    }
}
