package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.server.TestServer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks for JSON gets it for a refusal as well, whoever refuses. */
class RefusedJsonTest {
    private final Path directory;

    @AutoClose
    private final TestServer server;

    RefusedJsonTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
    }

    private static Optional<JsonObject> json(CliProcess process) {
        return new JsonReader().read(process.out()) instanceof JsonReader.Value(JsonObject object)
                ? Optional.of(object)
                : Optional.empty();
    }

    @Test
    void a_plan_without_the_service_prints_why_there_is_none() throws IOException {
        Path definition = Files.writeString(directory.resolve("definition.xml"), """
                <domain type='kvm'><name>web1</name><memory>1</memory><os><type>hvm</type></os>
                <seclabel type='static' model='selinux'><label>system_u:system_r:svirt_t:s0</label></seclabel></domain>
                """);

        CliProcess refused = CliProcess.run(
                directory,
                Map.of("LABELER_SOCKET", directory.resolve("none").toString()),
                "plan",
                "web1",
                "--json",
                "--domain-xml",
                definition.toString());

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(json(refused)).hasValueSatisfying(body -> {
            assertThat(body.text("message").orElse("")).contains("has no category pair");
            assertThat(body.members()).containsKeys("kind", "problems");
        });
        assertThat(refused.err())
                .contains("labeler: the definition's label system_u:system_r:svirt_t:s0 has no category pair;");
    }

    @Test
    void what_is_shown_of_a_success_alone_is_refused_in_json_as_well() {
        EmptyHost host = new EmptyHost(Map.of("LABELER_SOCKET", server.socket().toString()), Map.of());

        Ran refused =
                Ran.on(host, false, "plan", "full", "--json", "--explain", "/vm/top.qcow2", "--", "qemu-system-x86_64");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(new JsonReader().read(refused.out()))
                .isInstanceOfSatisfying(
                        JsonReader.Value.class,
                        value -> assertThat(value.json()).isInstanceOf(Json.JsonObject.class));
    }
}
