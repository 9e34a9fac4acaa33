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
import labeler.json.Json;
import labeler.json.JsonReader;
import labeler.server.endpoint.InfoEndpoints;
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

    /** A client that was made from the description finds every member of a real answer in it. */
    @Test
    void every_member_of_a_real_answer_is_described(@TempDir Path directory) throws IOException {
        String text = new String(InfoEndpoints.openApi(), StandardCharsets.UTF_8);
        Set<String> named = new TreeSet<>();
        Matcher keys = Pattern.compile("\\b([A-Za-z0-9]+):").matcher(text);
        while (keys.find()) {
            named.add(keys.group(1));
        }
        try (TestServer server = TestServer.start(directory)) {
            String start = "{\"argv\":[\"qemu-system-x86_64\"],\"workingDirectory\":\"/\"}";
            String plan = "{\"name\":\"web2\"," + start.substring(1);
            for (String answer : List.of(
                    server.post("/v1/vms/web1/start", start),
                    server.post("/v1/vms/conflict/start", start),
                    server.post("/v1/plan", plan),
                    server.get("/v1/vms"),
                    server.get("/v1/vms/web1"),
                    server.get("/v1/matrix"),
                    server.get("/v1/health"),
                    server.get("/v1/events"),
                    server.post("/v1/verify", ""),
                    server.get("/v1/vms/web1"),
                    server.post("/v1/vms/web1/relabel", ""),
                    server.post("/v1/recover?dryRun=true", ""),
                    server.post("/v1/trust", "{\"path\":\"/vm/top.qcow2\"}"),
                    server.post("/v1/vms/web1/stop", ""))) {
                Set<String> members = new TreeSet<>();
                collect(answer, members);
                assertThat(members).as(answer).isNotEmpty().isSubsetOf(named);
            }
        }
    }

    private static void collect(String answer, Set<String> members) {
        String body = answer.substring(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
        assertThat(new JsonReader().read(body))
                .isInstanceOfSatisfying(JsonReader.Value.class, value -> collect(value.json(), members));
    }

    private static void collect(Json json, Set<String> members) {
        switch (json) {
            case Json.JsonObject object ->
                object.members().forEach((name, member) -> {
                    members.add(name);
                    collect(member, members);
                });
            case Json.JsonArray array -> array.elements().forEach(element -> collect(element, members));
            case Json.JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> {}
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
