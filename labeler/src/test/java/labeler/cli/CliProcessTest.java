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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that need a process of their own: exit codes, raw arguments, becoming another program. */
class CliProcessTest {
    private static final String LATIN = "caf\351";
    private static final String UTF8 = "caf\303\251";

    private final Path directory;

    @AutoClose
    private final TestServer server;

    CliProcessTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
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

    /** Runs a shell script in this directory under a locale. Its arguments are the command line. */
    private CliProcess shell(String locale, String script) throws IOException {
        Path file = directory.resolve("script.sh");
        Files.writeString(
                file,
                "set -e\ncd \"$1\"\nshift\nlatin=$(printf 'caf\\351')\nutf8=$(printf 'caf\\303\\251')\n" + script);
        List<String> command = new ArrayList<>(List.of("/bin/sh", file.toString(), directory.toString()));
        command.addAll(CliProcess.command());
        return CliProcess.execute(
                directory,
                Map.of("LC_ALL", locale, "LABELER_SOCKET", server.socket().toString()),
                command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void an_image_whose_name_is_not_utf8_is_found_under_any_locale(String locale) throws IOException {
        CliProcess chain = shell(locale, """
                printf 'raw bytes' > "$latin.img"
                exec "$@" chain --format raw --json "$latin.img"
                """);
        assertThat(chain.err()).isEmpty();
        assertThat(chain.exitCode()).isZero();
        assertThat(json(chain).text("imageBase64")).contains(base64(LATIN + ".img"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void a_socket_of_any_name_is_asked_under_any_locale(String locale) throws IOException {
        for (String name : List.of("latin", "utf8")) {
            CliProcess option = shell(
                    locale,
                    "ln -sf labeler.sock \"$" + name + "\"\n\"$@\" status --socket \"$" + name + "\"\nLABELER_SOCKET=$"
                            + name + " exec \"$@\" status");
            assertThat(option).as(name).isEqualTo(new CliProcess(0, "no VMs\nno VMs\n", ""));
            CliProcess none = shell(locale, "exec \"$@\" status --socket \"/none/$" + name + "\"");
            assertThat(none.exitCode()).isEqualTo(5);
            assertThat(none.err())
                    .contains("/none/" + (name.equals("latin") ? "caf\\xe9" : "café"))
                    .hasLineCount(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void a_domain_xml_of_any_name_is_read_under_any_locale(String locale) throws IOException {
        for (String name : List.of("latin", "utf8")) {
            CliProcess start = shell(
                    locale,
                    "printf '<domain/>' > \"$" + name + "\"\nexec \"$@\" start " + name + " --domain-xml \"$" + name
                            + "\"");
            assertThat(start.err()).isEmpty();
            assertThat(start.exitCode()).isZero();
            CliProcess none = shell(locale, "exec \"$@\" start x --domain-xml \"/none/$" + name + "\"");
            assertThat(none)
                    .isEqualTo(new CliProcess(
                            1,
                            "",
                            "labeler: /none/" + (name.equals("latin") ? "caf\\xe9" : "café")
                                    + ": no such file or directory\n"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void arguments_reach_the_service_and_qemu_in_their_own_bytes(String locale) throws IOException {
        String disk = "file=/vm/" + LATIN + "/\355\240\200/" + UTF8 + ".img,format=raw";
        String given = "-- ./qemu$utf8 -drive \"file=/vm/$latin/$(printf '\\355\\240\\200')/$utf8.img,format=raw\"";
        assertThat(shell(locale, "exec \"$@\" start web1 " + given).exitCode()).isZero();
        assertThat(shell(locale, "exec \"$@\" plan web2 " + given).exitCode()).isZero();
        server.lifecycle().withoutWalls();
        CliProcess ran = shell(locale, """
                printf '#!/bin/sh\\nprintf %%s "$2"\\n' > "./qemu$utf8"
                chmod +x "./qemu$utf8"
                exec "$@" run web3\
                """ + " " + given);
        assertThat(ran.out()).isEqualTo(disk);
        assertThat(ran.exitCode()).isZero();
        assertThat(server.commandLines())
                .hasSize(3)
                .allSatisfy(argv -> assertThat(argv)
                        .extracting(argument -> new String(argument, StandardCharsets.ISO_8859_1))
                        .containsExactly("./qemu" + UTF8, "-drive", disk));
    }

    private static String base64(String latin) {
        return Base64.getEncoder().encodeToString(latin.getBytes(StandardCharsets.ISO_8859_1));
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
    void run_says_what_its_start_warns_of() throws IOException {
        server.lifecycle().withoutWalls();
        server.lifecycle().warn("setsebool -P virt_use_nfs off");

        CliProcess ran = run("run", "web1", "--", "true");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).contains("warning:", "virt_use_nfs off");
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
