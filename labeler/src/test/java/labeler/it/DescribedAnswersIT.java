package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.client.ServiceClient;
import labeler.described.Description;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description that the service itself gives out, and its answers while it holds a VM with a disk, held against it. */
class DescribedAnswersIT {
    @AutoClose
    private final ServiceFixture service;

    private final Images images;

    DescribedAnswersIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img");
        images = Images.in(temporary.resolve("images"));
        service = ServiceFixture.started(temporary);
    }

    @Test
    void every_answer_about_a_vm_that_is_held_is_as_the_service_describes_it() throws IOException {
        Path base = images.labelledRaw("base");
        List<String> qemu = Images.qemuWithOverlay(images.overlay("own", base));
        Path added = images.raw("added");
        Asked asked = new Asked(new Description(service.text("/v1/openapi.yaml")), service.socket());

        asked.post("/v1/plan", "/v1/plan", 200, planned(qemu));
        asked.post("/v1/vms/web1/start", "/v1/vms/{name}/start", 422, ServiceFixture.body(missing(), Optional.empty()));
        try (Qemu running = Qemu.start(service.running("web1", qemu))) {
            eventually("web1 runs", () -> Files.exists(guarded()));
            for (String query : List.of("", "?brief=true", "?overview=true")) {
                asked.get("/v1/vms" + query, "/v1/vms", 200);
            }
            asked.post("/v1/vms/web2/start", "/v1/vms/{name}/start", 409, ServiceFixture.body(qemu, Optional.empty()));
            asked.get("/v1/vms/web1/matrix?own=true", "/v1/vms/{name}/matrix", 200);
            asked.get("/v1/matrix", "/v1/matrix", 200);
            asked.post("/v1/vms/web1/verify", "/v1/vms/{name}/verify", 200, "");
            asked.post("/v1/verify", "/v1/verify", 200, "");
            asked.post("/v1/vms/web1/relabel?dryRun=true", "/v1/vms/{name}/relabel", 200, "");
            asked.post("/v1/vms/web1/attach", "/v1/vms/{name}/attach", 200, attached(added));
            asked.get("/v1/vms/web1", "/v1/vms/{name}", 200);
            asked.post("/v1/vms/web1/detach", "/v1/vms/{name}/detach", 200, "{\"disk\":\"added\"}");
            asked.post("/v1/vms/web1/detach", "/v1/vms/{name}/detach", 422, "{\"disk\":\"added\"}");
            asked.post("/v1/explain", "/v1/explain", 200, "{\"file\":\"" + base + "\"}");
            asked.post("/v1/trust", "/v1/trust", 409, "{\"path\":\"" + images.path("own") + "\"}");
            asked.post("/v1/recover?dryRun=true", "/v1/recover", 200, "");
            asked.post("/v1/recover/scan", "/v1/recover/scan", 200, "{\"directory\":\"" + images.directory() + "\"}");
            asked.get("/v1/events", "/v1/events", 200);
            asked.get("/v1/health", "/v1/health", 200);
            asked.post("/v1/vms/web1/stop?unlessRunning=true", "/v1/vms/{name}/stop", 409, "");
            asked.post("/v1/vms/web1/stop?kill=true", "/v1/vms/{name}/stop", 200, "");
            assertThat(running.isAlive()).isFalse();
        }
        asked.get("/v1/vms/web1", "/v1/vms/{name}", 404);
        asked.post("/v1/trust", "/v1/trust", 200, "{\"path\":\"" + images.path("own") + "\"}");
    }

    private Path guarded() {
        return service.runDirectory().resolve("vms").resolve("web1").resolve("qmp.sock");
    }

    private List<String> missing() {
        return Images.qemuWithRaw(images.path("missing"));
    }

    private static String planned(List<String> qemu) {
        JsonObject plan = Json.object()
                .put("name", "web1")
                .put("argv", qemu.stream().map(Json::of).toList())
                .put("workingDirectory", "/")
                .put("launch", "run")
                .build();
        return JsonWriter.compact(plan);
    }

    private static String attached(Path file) {
        return "{\"blockdevs\":[\"driver=raw,node-name=added,file.driver=file,file.filename=" + file + "\"]}";
    }

    /** Questions to the service, each of whose answers has to be as described. */
    private record Asked(Description description, Path socket) {
        void get(String path, String template, int status) {
            agrees("GET", template, status, client().get(path));
        }

        void post(String path, String template, int status, String body) {
            agrees("POST", template, status, client().post(path, body.getBytes(StandardCharsets.UTF_8)));
        }

        private ServiceClient client() {
            return new ServiceClient(socket, Duration.ofSeconds(Command.LIMIT_SECONDS));
        }

        private void agrees(String method, String template, int status, ServiceClient.Outcome outcome) {
            assertThat(outcome).isInstanceOfSatisfying(ServiceClient.Answered.class, answer -> {
                String body = new String(answer.body(), StandardCharsets.UTF_8);
                assertThat(answer.status()).as(body).isEqualTo(status);
                assertThat(description.complaints(method, template, status, body))
                        .isEmpty();
            });
        }
    }
}
