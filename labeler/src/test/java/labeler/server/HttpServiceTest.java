package labeler.server;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.lifecycle.StartRequest;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.jna.JnaLinux;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpServiceTest {
    private static final String XML = "{\"domainXml\":\"<domain/>\"}";

    @AutoClose
    private final TestServer server;

    HttpServiceTest(@TempDir Path directory) throws IOException {
        server = TestServer.start(directory);
    }

    private static JsonObject body(String answer) {
        String text = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(new JsonReader().read(text)).isInstanceOf(JsonReader.Value.class);
        return ((JsonReader.Value) new JsonReader().read(text)).json() instanceof JsonObject object
                ? object
                : Json.object().build();
    }

    @Test
    void a_started_vm_is_shown_in_the_words_of_the_interface() throws IOException {
        String answer = server.post(
                "/v1/vms/web1/start",
                "{\"argv\":[\"qemu\",\"-name\",\"x\"],\"workingDirectory\":\"/\",\"level\":\"s0:c1,c2\",\"pid\":77}");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        JsonObject vm = body(answer);
        assertThat(vm.members().keySet())
                .containsExactly(
                        "vm",
                        "state",
                        "pid",
                        "level",
                        "processContext",
                        "imageContext",
                        "walls",
                        "runtimeDirectory",
                        "guard",
                        "monitor",
                        "files",
                        "external",
                        "problems",
                        "warnings");
        assertThat(vm.text("vm")).contains("web1");
        assertThat(vm.number("pid")).contains(77L);
        assertThat(vm.text("level")).contains("s0:c1,c2");
        JsonObject latin = (JsonObject) vm.elements("files").get(1);
        assertThat(latin.text("path")).contains("/vm/\\xe4");
        assertThat(latin.text("pathBase64")).contains(Base64.getEncoder().encodeToString(FakeLifecycle.LATIN.bytes()));
        assertThat(body(server.get("/v1/vms")).elements("vms")).containsExactly(vm);
        assertThat(body(server.get("/v1/vms/web1"))).isEqualTo(vm);
    }

    @Test
    void a_stop_tells_what_came_of_each_file() throws IOException {
        server.post("/v1/vms/web1/start", XML);
        JsonObject report = body(server.post("/v1/vms/web1/stop", ""));
        assertThat(report.number("reverted")).contains(1L);
        assertThat(report.number("kept")).contains(2L);
        assertThat(report.elements("reports")).hasSize(3);
        assertThat(server.post("/v1/vms/web1/stop", "")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void problems_decide_about_the_status() throws IOException {
        assertThat(server.post("/v1/vms/a/start", "{\"domainXml\":\"nonsense\"}"))
                .startsWith("HTTP/1.1 422 ")
                .contains("DEFINITION_MALFORMED");
        assertThat(server.post("/v1/vms/conflict/start", XML)).startsWith("HTTP/1.1 409 ");
        assertThat(server.post("/v1/vms/unwritable/start", XML)).startsWith("HTTP/1.1 500 ");
        assertThat(server.post("/v1/plan", "{\"name\":\"full\",\"domainXml\":\"<domain/>\"}"))
                .startsWith("HTTP/1.1 500 ")
                .contains("NO_FREE_PAIR");
    }

    @Test
    void a_body_that_is_not_understood_is_a_usage_error() throws IOException {
        for (String body : List.of(
                "",
                "nonsense",
                "[]",
                "{}",
                "{\"domainXml\":\"<domain/>\",\"argv\":[\"qemu\"]}",
                "{\"domainXml\":\"<domain/>\",\"lable\":\"s0:c1,c2\"}",
                "{\"domainXml\":\"<domain/>\",\"level\":\"s0:c1\"}",
                "{\"domainXml\":\"<domain/>\",\"level\":7}",
                "{\"domainXml\":\"<domain/>\",\"pid\":0}",
                "{\"domainXml\":\"<domain/>\",\"pid\":4294967297}",
                "{\"domainXml\":\"<domain/>\",\"name\":\"other\"}",
                "{\"domainXml\":\"<domain/>\",\"domainXmlBase64\":\"AAAA\"}",
                "{\"domainXmlBase64\":\"no base64\"}",
                "{\"argv\":[],\"workingDirectory\":\"/\"}",
                "{\"argv\":[\"a\\u0000b\"],\"workingDirectory\":\"/\"}",
                "{\"argv\":[\"a\\ud800b\"],\"workingDirectory\":\"/\"}",
                "{\"argv\":[\"\355\240\200\"],\"workingDirectory\":\"/\"}",
                "{\"argv\":[\"qemu\"],\"workingDirectory\":\"relative\"}",
                "{\"argv\":[\"qemu\"]}",
                "{\"argv\":\"qemu\",\"workingDirectory\":\"/\"}",
                "[".repeat(100_000))) {
            assertThat(server.post("/v1/vms/web1/start", body))
                    .as(body)
                    .startsWith("HTTP/1.1 400 ")
                    .contains("\"kind\":\"USAGE\"");
        }
        assertThat(server.lifecycle().starts()).isEmpty();
    }

    @Test
    void nobody_can_say_of_another_process_that_it_confines_itself() throws IOException {
        for (String pid : List.of("", ",\"pid\":1")) {
            assertThat(server.post("/v1/vms/web1/start", "{\"domainXml\":\"<domain/>\",\"launch\":\"run\"" + pid + "}"))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("has to be its own");
        }
        assertThat(server.lifecycle().starts()).isEmpty();
    }

    @Test
    void a_launcher_is_the_very_process_that_asks_and_not_whoever_has_its_number_later() throws IOException {
        Pid pid = new Pid((int) ProcessHandle.current().pid());
        Optional<ProcessIdentity> asking = JnaLinux.create().processes().identify(pid);

        server.post("/v1/vms/a/start", "{\"domainXml\":\"<domain/>\",\"launch\":\"run\",\"pid\":" + pid + "}");

        assertThat(server.lifecycle().starts())
                .singleElement()
                .extracting(StartRequest::process)
                .isEqualTo(asking);
    }

    @Test
    void arguments_that_are_not_utf8_arrive_as_they_are() throws IOException {
        byte[] argument = {'-', (byte) 0xff, (byte) 0xe4};
        String encoded = Base64.getEncoder().encodeToString(argument);
        server.post("/v1/vms/a/start", "{\"argvBase64\":[\"" + encoded + "\"],\"workingDirectory\":\"/\"}");
        assertThat(server.commandLines().getFirst().getFirst()).isEqualTo(argument);
    }

    @Test
    void a_name_is_decoded_once() throws IOException {
        server.post("/v1/vms/a%20b%2525%C3%A4%3B/start", XML);
        assertThat(server.lifecycle().starts()).extracting(StartRequest::name).containsExactly(new VmName("a b%25ä;"));
        for (String name : List.of("a%2Fb", "%00", "%", "%zz", "%ff", ".", "..", "%2e%2e", "a%0Ab", "x".repeat(256))) {
            assertThat(server.post("/v1/vms/" + name + "/start", XML)).as(name).startsWith("HTTP/1.1 4");
        }
        assertThat(server.lifecycle().starts()).hasSize(1);
    }

    @Test
    void paths_and_methods_that_are_not_there_are_said_to_be_so() throws IOException {
        assertThat(server.get("/")).startsWith("HTTP/1.1 404 ");
        assertThat(server.get("/v1/vms/")).startsWith("HTTP/1.1 4");
        assertThat(server.get("/v2/vms")).startsWith("HTTP/1.1 404 ");
        assertThat(server.get("/v1/vms/a/start")).startsWith("HTTP/1.1 405 ").contains("Allow: POST\r\n");
        assertThat(server.get("/")).doesNotContain("Allow: ");
        assertThat(server.exchange("nonsense\r\n\r\n")).startsWith("HTTP/1.1 4").contains("\"kind\":\"USAGE\"");
        assertThat(server.exchange("GET /v1/vms HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void a_request_for_which_there_is_no_memory_fails_alone() throws IOException {
        assertThat(server.post("/v1/vms/greedy/start", XML))
                .startsWith("HTTP/1.1 503 ")
                .contains("labelerd has no memory for this request just now");
        assertThat(server.post("/v1/vms/one/start", XML)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void a_fault_inside_shows_a_number_and_nothing_else_and_the_service_goes_on() throws IOException {
        for (String name : List.of("fault", "unlinked")) {
            String answer = server.post("/v1/vms/" + name + "/start", XML);
            assertThat(answer)
                    .startsWith("HTTP/1.1 500 ")
                    .doesNotContain("secret", "labeler.", "Exception", "NoClassDef");
            assertThat(body(answer).text("message").orElseThrow()).containsPattern("number [0-9a-f]{8}$");
            assertThat(server.get("/v1/health")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void a_scrape_looks_at_the_vms_once() throws IOException {
        server.post("/v1/vms/web1/start", XML);
        int before = server.lifecycle().looks();
        assertThat(server.get("/metrics")).contains("labeler_vms 1.0", "labeler_files 3.0");
        assertThat(server.lifecycle().looks() - before).isEqualTo(1);
    }

    @Test
    void a_body_beyond_the_limit_is_refused_with_an_answer() throws IOException {
        String answer = server.post("/v1/vms/a/start", " ".repeat((4 << 20) + 1));
        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("TOO_LARGE");
        assertThat(server.post("/v1/vms/a/start", " ".repeat(4 << 20))).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void a_chunked_body_is_read() throws IOException {
        for (int more : List.of(0, 40_000, (4 << 20) - XML.length())) {
            assertThat(chunked(XML + " ".repeat(more))).startsWith("HTTP/1.1 200 ");
        }
        assertThat(chunked(XML + " ".repeat((4 << 20) - XML.length() + 1))).startsWith("HTTP/1.1 413 ");
    }

    private String chunked(String body) throws IOException {
        return server.exchange("POST /v1/vms/a/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
                + body.substring(0, 5) + "\r\n" + Integer.toHexString(body.length() - 5) + "\r\n" + body.substring(5)
                + "\r\n0\r\n\r\n");
    }

    @Test
    void a_vm_whose_client_went_away_stays_started() throws Exception {
        try (SocketChannel channel = server.connect()) {
            channel.write(ByteBuffer.wrap(("POST /v1/vms/slow/start HTTP/1.1\r\nHost: x\r\nContent-Length: "
                            + XML.length() + "\r\n\r\n" + XML)
                    .getBytes(StandardCharsets.US_ASCII)));
            server.lifecycle().awaitSlowStart();
        }
        server.lifecycle().endSlowStart();
        eventually("the start is done", () -> server.get("/v1/vms/slow").startsWith("HTTP/1.1 200 "));
    }

    @Test
    void a_scan_answers_with_a_part_and_where_the_next_begins() throws IOException {
        assertThat(server.post("/v1/recover/scan", "{\"directory\":\"/vm\"}"))
                .contains("\"outcome\":\"found\"", "\"afterBase64\":");
        assertThat(server.post("/v1/recover/scan", "{\"directory\":\"/vm\",\"after\":\"/vm/x\",\"apply\":true}"))
                .contains("\"outcome\":\"mended\"", "\"after\":null");
        for (String body : List.of(
                "",
                "[]",
                "{}",
                "{\"directory\":\"vm\"}",
                "{\"directory\":\"/vm\",\"apply\":1}",
                "{\"directory\":\"/vm\",\"after\":1}",
                "{\"directoryBase64\":\"*\"}",
                "{\"directory\":\"/missing\"}",
                "{\"directory\":\"/vm\",\"other\":1}")) {
            assertThat(server.post("/v1/recover/scan", body)).as(body).contains(" 400 ");
        }
    }

    @Test
    void recover_relabel_and_verify_answer() throws IOException {
        server.post("/v1/vms/web1/start", XML);
        server.post("/v1/vms/drifted/start", XML);
        assertThat(server.post("/v1/recover?dryRun=true", "")).contains("would-change", "\"stale\":[]");
        assertThat(server.post("/v1/recover", "")).contains("\"reverted\":1");
        assertThat(server.post("/v1/vms/web1/relabel?dryRun=true", "")).contains("\"wouldChange\":1");
        assertThat(server.post("/v1/vms/web1/relabel", "")).contains("\"relabelled\":1");
        assertThat(server.post("/v1/vms/web1/verify", "")).contains("\"drift\":0");
        assertThat(body(server.post("/v1/verify", "")).elements("vms"))
                .extracting(vm ->
                        vm instanceof JsonObject object ? object.number("drift").orElse(-1L) : -1L)
                .containsExactly(1L, 0L);
    }

    @Test
    void a_vm_says_what_its_last_check_found_and_events_tell_of_drift_once() throws IOException {
        server.post("/v1/vms/web1/start", XML);
        server.post("/v1/vms/drifted/start", XML);
        assertThat(server.get("/v1/vms")).doesNotContain("\"check\"");
        server.post("/v1/verify", "");
        server.post("/v1/verify", "");
        assertThat(drift(server.get("/v1/vms/drifted"))).contains(1L);
        assertThat(drift(server.get("/v1/vms/web1"))).contains(0L);
        assertThat(server.get("/v1/events").split("\"event\":\"drift\"", -1)).hasSize(2);
        assertThat(server.get("/v1/events")).contains("1 is not as it should be: /vm/top.qcow2: as it is");

        server.post("/v1/vms/drifted/relabel?dryRun=true", "");
        assertThat(drift(server.get("/v1/vms/drifted"))).contains(1L);
        server.post("/v1/vms/drifted/relabel", "");
        assertThat(drift(server.get("/v1/vms/drifted"))).isEmpty();
    }

    @Test
    void a_trust_that_says_what_nobody_knows_is_refused() throws IOException {
        for (String more : List.of("\"dryRun\":true", "\"Format\":\"raw\"")) {
            assertThat(server.post("/v1/trust", "{\"path\":\"/vm/top.qcow2\"," + more + "}"))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("no other member");
        }
    }

    @Test
    void a_check_does_not_count_for_the_next_vm_of_the_same_name() throws IOException {
        server.post("/v1/vms/drifted/start", "{\"domainXml\":\"<domain/>\",\"pid\":77}");
        server.post("/v1/verify", "");
        server.post("/v1/vms/drifted/stop", "");
        server.post("/v1/vms/drifted/start", "{\"domainXml\":\"<domain/>\",\"pid\":78}");
        assertThat(drift(server.get("/v1/vms/drifted"))).isEmpty();
    }

    @Test
    void without_a_process_a_check_does_not_count_for_the_next_vm_either() throws IOException {
        server.post("/v1/vms/drifted/start", XML);
        server.post("/v1/vms/drifted/verify", "");
        server.post("/v1/vms/drifted/start", XML);
        assertThat(drift(server.get("/v1/vms/drifted"))).isEmpty();
    }

    @Test
    void drift_that_a_relabel_could_not_mend_is_not_forgotten() throws IOException {
        server.post("/v1/vms/immutable/start", XML);
        server.post("/v1/verify", "");
        assertThat(server.post("/v1/vms/immutable/relabel", "")).contains("\"outcome\":\"failed\"");
        assertThat(drift(server.get("/v1/vms/immutable"))).contains(1L);
    }

    @Test
    void a_comparison_that_began_before_a_relabel_is_not_kept() throws Exception {
        server.post("/v1/vms/lengthy/start", XML);
        Thread comparison = Thread.ofVirtual().start(() -> {
            try {
                server.post("/v1/vms/lengthy/verify", "");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        server.lifecycle().awaitSlowStart();
        server.post("/v1/vms/lengthy/relabel", "");
        server.lifecycle().endSlowStart();
        comparison.join();
        assertThat(drift(server.get("/v1/vms/lengthy"))).isEmpty();
        server.post("/v1/vms/lengthy/verify", "");
        assertThat(drift(server.get("/v1/vms/lengthy"))).contains(0L);
    }

    private static Optional<Long> drift(String answer) {
        return body(answer).get("check").flatMap(check -> ((JsonObject) check).number("drift"));
    }

    @Test
    void a_query_that_is_not_understood_is_refused_and_nothing_is_done() throws IOException {
        server.post("/v1/vms/web1/start", XML);
        for (String query : List.of(
                "dryRun=1",
                "dryRun=TRUE",
                "dryRun=",
                "dryRun",
                "dryrun=true",
                "dry-run=true",
                "dryRun=true&force=true",
                "dryRun=true&dryRun=false",
                "dryRun=true&",
                "%zz=true",
                "=")) {
            for (String path : List.of("/v1/recover", "/v1/vms/web1/relabel", "/v1/vms/web1/stop", "/v1/vms/b/start")) {
                assertThat(server.post(path + "?" + query, XML))
                        .as(path + "?" + query)
                        .startsWith("HTTP/1.1 400 ")
                        .contains("\"kind\":\"USAGE\"");
            }
        }
        assertThat(server.post("/v1/vms/web1/stop?dryRun=true", "")).contains("takes no parameter \\\"dryRun\\\"");
        assertThat(server.get("/v1/vms/web1")).startsWith("HTTP/1.1 200 ");
        assertThat(server.post("/v1/vms/web1/relabel?dryRun=false", "")).contains("\"relabelled\":1");
        assertThat(server.get("/v1/vms?")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void the_service_tells_of_itself() throws IOException {
        server.post("/v1/vms/web1/start", XML);
        JsonObject health = body(server.get("/v1/health"));
        assertThat(health.text("status")).contains("ok");
        assertThat(health.text("enforcement")).contains("required");
        assertThat(health.number("vms")).contains(1L);
        assertThat(server.get("/metrics"))
                .contains("labeler_requests_total{route=\"/v1/vms/{name}/start\",status=\"200\"} 1.0")
                .contains("labeler_labels_set_total 3.0")
                .contains("labeler_vms 1.0")
                .contains("labeler_files 3.0")
                .contains("labeler_vm_starts_total{outcome=\"started\"} 1.0");
        assertThat(server.get("/v1/openapi.yaml")).startsWith("HTTP/1.1 200 ").contains("openapi: 3.1.0");
    }
}
