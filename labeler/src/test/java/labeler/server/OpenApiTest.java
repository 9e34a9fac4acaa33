package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import labeler.described.Description;
import labeler.http.Route;
import labeler.server.endpoint.InfoEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The answers of a service that holds real files are held against the description by {@code DescribedAnswersIT}. */
class OpenApiTest {
    private static final String BODY = "{\"argv\":[\"qemu-system-x86_64\"],\"workingDirectory\":\"/\"}";

    private final Description description =
            new Description(new String(InfoEndpoints.openApi(), StandardCharsets.UTF_8));

    @TempDir
    Path directory = Path.of("/");

    @Test
    void the_description_has_the_routes_of_the_service_with_their_queries_and_no_others() throws IOException {
        try (TestServer server = TestServer.start(directory)) {
            assertThat(description.routes())
                    .containsExactlyInAnyOrderElementsOf(server.router().routes().stream()
                            .map(route -> route.method() + " " + route.template() + parameters(route))
                            .toList());
        }
    }

    @Test
    void every_reference_leads_somewhere_and_every_key_has_a_value() {
        assertThat(description.faults()).isEmpty();
    }

    /** A client that was made from the description can read every answer. */
    @Test
    void every_answer_is_as_described() throws IOException {
        try (TestServer server = TestServer.start(directory)) {
            agrees("/v1/vms/{name}/start", 200, server.post("/v1/vms/web1/start", BODY));
            agrees("/v1/vms/{name}/start", 409, server.post("/v1/vms/conflict/start", BODY));
            agrees("/v1/vms/{name}/start", 400, server.post("/v1/vms/web1/start", "{}"));
            agrees("/v1/plan", 200, server.post("/v1/plan", "{\"name\":\"web2\"," + BODY.substring(1)));
            for (String query : new String[] {"", "?brief=true", "?overview=true"}) {
                read("/v1/vms", 200, server.get("/v1/vms" + query));
            }
            read("/v1/vms/{name}", 200, server.get("/v1/vms/web1"));
            read("/v1/vms/{name}", 404, server.get("/v1/vms/none"));
            read("/v1/matrix", 200, server.get("/v1/matrix"));
            read("/v1/health", 200, server.get("/v1/health"));
            read("/v1/events", 200, server.get("/v1/events"));
            agrees("/v1/verify", 200, server.post("/v1/verify", ""));
            read("/v1/vms/{name}", 200, server.get("/v1/vms/web1"));
            agrees("/v1/vms/{name}/relabel", 200, server.post("/v1/vms/web1/relabel", ""));
            agrees("/v1/recover", 200, server.post("/v1/recover?dryRun=true", ""));
            agrees("/v1/trust", 200, server.post("/v1/trust", "{\"path\":\"/vm/top.qcow2\"}"));
            agrees("/v1/explain", 200, server.post("/v1/explain", "{\"file\":\"/vm/top.qcow2\"}"));
            agrees("/v1/vms/{name}/stop", 200, server.post("/v1/vms/web1/stop", ""));
        }
    }

    private void read(String path, int status, String answer) {
        agrees("GET", path, status, answer);
    }

    private void agrees(String path, int status, String answer) {
        agrees("POST", path, status, answer);
    }

    private void agrees(String method, String path, int status, String answer) {
        assertThat(answer).startsWith("HTTP/1.1 " + status).contains("\r\nContent-Type: application/json");
        String body = answer.substring(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
        assertThat(description.complaints(method, path, status, body)).isEmpty();
    }

    private static Set<String> parameters(Route route) {
        Set<String> names = new TreeSet<>(route.query());
        names.addAll(route.values());
        return names;
    }
}
