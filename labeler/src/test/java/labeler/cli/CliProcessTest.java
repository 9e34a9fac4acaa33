package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.linux.Pid;
import labeler.server.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: exit codes, raw arguments, becoming another program. */
class CliProcessTest {
    private final Path directory;
    private final TestServer server;

    CliProcessTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CliProcess run(String... arguments) throws IOException {
        return CliProcess.run(
                directory, Map.of("LABELER_SOCKET", server.socket().toString()), arguments);
    }

    @Test
    void a_conflict_ends_with_4_and_one_line() throws IOException {
        CliProcess conflict = run("start", "conflict", "--", "qemu-system-x86_64");
        assertThat(conflict.err()).isEqualTo("labeler: /vm/top.qcow2: the rule, and the way out\n");
        assertThat(conflict.exitCode()).isEqualTo(4);
    }

    @Test
    void without_a_service_the_end_is_5_and_the_way_out_is_named() throws IOException {
        CliProcess none = run("status", "--socket", directory.resolve("none").toString());
        assertThat(none.exitCode()).isEqualTo(5);
        assertThat(none.err()).contains("systemctl start labelerd").hasLineCount(1);
        assertThat(none.out()).isEmpty();
    }

    @Test
    void an_image_whose_name_is_not_utf8_is_found_under_any_locale() throws IOException {
        Path script = directory.resolve("script.sh");
        Files.writeString(
                script,
                "cd \"$1\" && shift && name=$(printf 'caf\\351.img') && printf 'raw bytes' > \"$name\" && exec \"$@\""
                        + " chain --format raw --json \"$name\"");
        for (String locale : List.of("C", "C.UTF-8")) {
            List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString(), directory.toString()));
            command.addAll(CliProcess.command());
            CliProcess chain = CliProcess.execute(directory, Map.of("LC_ALL", locale), command);
            assertThat(chain.err()).isEmpty();
            assertThat(chain.exitCode()).isZero();
            JsonObject object = json(chain);
            assertThat(object.text("imageBase64"))
                    .contains(Base64.getEncoder().encodeToString("caf\351.img".getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    @Test
    void run_becomes_the_program_with_the_pid_that_the_service_was_told() throws IOException {
        server.lifecycle().withoutWalls();
        CliProcess ran = run("run", "web1", "--", "sh", "-c", "echo pid $$ args $*; exit 7", "sh", "a b", "-hda");
        assertThat(ran.exitCode()).isEqualTo(7);
        Optional<Pid> pid = server.lifecycle().starts().getFirst().pid();
        assertThat(ran.out()).isEqualTo("pid " + pid.orElseThrow() + " args a b -hda\n");
        assertThat(ran.err()).contains("nothing enforces");
    }

    @Test
    void a_run_that_cannot_become_the_program_gives_the_files_back() throws IOException {
        server.lifecycle().withoutWalls();
        Path broken = directory.resolve("qemu-system-broken");
        Files.writeString(broken, "#!/nonexistent/interpreter\n");
        assertThat(broken.toFile().setExecutable(true)).isTrue();
        CliProcess ran = run("run", "web1", "--", broken.toString());
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("cannot be executed");
        assertThat(server.lifecycle().starts()).hasSize(1);
        assertThat(server.lifecycle().status()).isEmpty();
    }

    private static JsonObject json(CliProcess process) {
        return new JsonReader().read(process.out()) instanceof JsonReader.Value(JsonObject object)
                ? object
                : Json.object().build();
    }
}
