package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.cli.option.Form;
import labeler.described.YamlText;
import labeler.host.DenialLines;
import labeler.host.DeniedSince;
import labeler.json.JsonReader;
import labeler.lifecycle.StartRequest;
import labeler.server.TestServer;
import labeler.view.Colours;
import labeler.view.Terminal;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What people try who come from virsh, podman and systemctl. */
class HabitsTest {
    @AutoClose
    private final TestServer server;

    HabitsTest(@TempDir Path directory) throws IOException {
        this.server = TestServer.start(directory);
    }

    private Ran run(String... arguments) {
        Map<String, String> environment =
                new HashMap<>(Map.of("LABELER_SOCKET", server.socket().toString()));
        return Ran.on(new EmptyHost(environment, Map.of()), false, arguments);
    }

    @Test
    void list_is_status() {
        assertThat(run("list").out()).isEqualTo("no VMs\n");
    }

    @ParameterizedTest
    @CsvSource({
        "ls, status",
        "ps, status",
        "statsu, status",
        "destroy, stop --kill",
        "logs, events",
        "verfy, verify",
        "check, doctor",
        "snapshot, disk snapshot",
        "mat, matrix"
    })
    void a_word_that_is_no_command_is_answered_with_the_one_that_was_meant(String word, String meant) {
        Ran ran = run(word);
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).isEqualTo("labeler: no command '" + word + "'; did you mean " + meant + "?\n");
    }

    @Test
    void words_and_options_below_a_command_are_guessed_as_well() {
        assertThat(run("policy", "instal").err())
                .isEqualTo("labeler: no command 'policy instal'; did you mean policy install?\n");
        assertThat(run("status", "--jsno").err()).isEqualTo("labeler: no option '--jsno'; did you mean --json?\n");
        assertThat(run("frobnicate").err()).isEqualTo("labeler: no command 'frobnicate'; labeler --help says more\n");
        assertThat(run("policy").err()).isEqualTo("labeler: policy needs one word more: install, remove, status\n");
        assertThat(run("stop", "a", "b").err())
                .isEqualTo("labeler: 'b' is one argument too many; labeler stop --help says more\n");
    }

    @Test
    void the_words_below_a_word_have_their_own_arguments() {
        assertThat(run("cluster", "storage").err()).isEqualTo("labeler: storage needs one word more: add, list\n");
        assertThat(run("cluster", "storage", "lsit").err())
                .isEqualTo("labeler: no command 'storage lsit'; did you mean storage list?\n");
        assertThat(run("cluster", "storage", "list", "pool").err())
                .isEqualTo("labeler: 'pool' is one argument too many; labeler cluster storage list --help says more\n");
        assertThat(run("cluster", "storage", "add", "pool").err())
                .isEqualTo(
                        "labeler: Missing required parameter: 'PATH'; labeler cluster storage add --help says more\n");
        assertThat(run("cluster", "storage", "add", "Pool", "/srv").err()).contains("not a name of a storage");
        assertThat(run("cluster", "storage", "add", "Pool", "/srv").exitCode()).isEqualTo(2);
        assertThat(run("cluster", "storage", "add", "--help").out()).contains(" NAME PATH\n", "\nExit codes:\n");
    }

    @Test
    void explain_with_nothing_reads_the_last_hour() {
        EmptyHost host = new EmptyHost(Map.of(), Map.of());
        assertThat(Ran.on(host, false, "explain").out()).isEqualTo("no denials since then\n");
        assertThat(host.auditAskedSince)
                .singleElement()
                .satisfies(since -> assertThat(since)
                        .isCloseTo(Instant.now().minus(1, ChronoUnit.HOURS), within(1, ChronoUnit.MINUTES)));
        assertThat(run("explain", "--json").out())
                .isEqualTo("{\n  \"explanations\": [],\n  \"unreadable\": 0,\n  \"leftOut\": 0\n}\n");
        assertThat(run("explain", "--json").err()).isEmpty();
    }

    @Test
    void explain_says_where_the_log_begins_if_that_is_later_than_what_was_asked_for() {
        EmptyHost host = new EmptyHost(Map.of(), Map.of());
        host.audit = new DeniedSince(new DenialLines.Kept(List.of(), 0), Optional.of(Instant.EPOCH));

        assertThat(Ran.on(host, false, "explain", "--since", "3d").err())
                .isEqualTo("labeler: the audit log begins at 1970-01-01T00:00:00.000Z;"
                        + " what was denied before that is not known\n");
        assertThat(Ran.on(host, false, "explain", "--since", "3d", "--json").out())
                .contains("\"logBegins\": \"1970-01-01T00:00:00.000Z\"");
    }

    @Test
    void help_before_a_command_is_its_help() {
        assertThat(run("help", "policy", "install").out())
                .startsWith("Usage: labeler policy install")
                .isEqualTo(run("policy", "install", "--help").out());
        assertThat(run("help").out()).startsWith("Usage: labeler ");
    }

    @Test
    void a_stop_of_a_vm_that_runs_needs_a_word_about_its_process() {
        run("start", "alive", "--", "qemu-system-x86_64");

        Ran refused = run("stop", "alive");

        assertThat(refused.exitCode()).isEqualTo(4);
        assertThat(refused.err()).hasLineCount(1);
        assertThat(run("stop", "alive", "--kill", "--force").exitCode()).isEqualTo(2);
        assertThat(run("stop", "alive", "--kill").exitCode()).isZero();
        run("start", "alive", "--", "qemu-system-x86_64");
        assertThat(run("stop", "--force", "alive").exitCode()).isZero();
    }

    @Test
    void a_command_line_is_planned_for_run_unless_another_program_starts_qemu() {
        run("plan", "web1", "--", "qemu-system-x86_64");
        run("plan", "web1", "--for-start", "--", "qemu-system-x86_64");

        assertThat(server.lifecycle().plans())
                .extracting(StartRequest::launch)
                .containsExactly(StartRequest.Launch.RUN, StartRequest.Launch.ELSEWHERE);
    }

    @Test
    void a_list_comes_in_the_form_that_is_wanted() {
        run("start", "web1", "--", "qemu-system-x86_64");
        run("start", "db1", "--", "qemu-system-x86_64");

        assertThat(run("status", "-o", "name").out()).isEqualTo("db1\nweb1\n");
        assertThat(run("status", "web1", "--output", "name").out()).isEqualTo("web1\n");
        assertThat(run("status", "-o", "json").out())
                .isEqualTo(run("status", "--json").out());
        assertThat(run("status", "-o", "yaml").out()).startsWith("""
            vms:
            - vm: db1
              state: running
            """).contains("\n- vm: web1\n");
        assertThat(run("status", "web1", "-o", "yaml").out()).startsWith("vm: web1\nstate: running\n");
        assertThat(run("verify", "-o", "name").out()).isEqualTo("db1\nweb1\n");
        assertThat(run("status", "-o", "xml").err()).contains("not one of table, json, yaml, name");
    }

    @Test
    void an_answer_in_yaml_says_what_it_says_in_json_with_vms_and_with_none() {
        for (boolean isHeld : new boolean[] {false, true}) {
            if (isHeld) {
                run("start", "web1", "--", "qemu-system-x86_64");
            }
            for (String[] command : new String[][] {
                {"status"},
                {"verify"},
                {"recover", "--dry-run"},
                {"matrix"},
                {"chain", "/vm/top.qcow2"},
                {"plan", "db1", "--", "qemu-system-x86_64"}
            }) {
                assertThat(YamlText.read(run(with(command, "-o", "yaml")).out()))
                        .as("%s, held: %s", command[0], isHeld)
                        .isEqualTo(((JsonReader.Value) new JsonReader()
                                        .read(run(with(command, "--json")).out()))
                                .json());
            }
        }
    }

    @Test
    void each_command_with_an_answer_in_json_has_the_other_forms_too() {
        List<String> lacking = new ArrayList<>();
        collect(new Main().program(), lacking);
        assertThat(lacking).isEmpty();
    }

    private static void collect(CommandLine command, List<String> lacking) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.findOption("--json") != null && spec.findOption("-o") == null) {
            lacking.add(spec.qualifiedName(" "));
        }
        command.getSubcommands().values().forEach(below -> collect(below, lacking));
    }

    @Test
    void an_answer_that_comes_from_no_service_has_its_forms(@TempDir Path hooks) {
        String[] command = {"hook", "status", "libvirt", "--hooks-dir", hooks.toString()};

        assertThat(YamlText.read(run(with(command, "-o", "yaml")).out()))
                .isEqualTo(((JsonReader.Value) new JsonReader()
                                .read(run(with(command, "--json")).out()))
                        .json());
        assertThat(run(with(command, "-o", "name")).out()).isEqualTo("libvirt\n");
        assertThat(run(with(command, "-o", "json")).out())
                .isEqualTo(run(with(command, "--json")).out());
    }

    /** They are answered by a cluster, which no test of commands has. */
    @ParameterizedTest
    @CsvSource({
        "'{\"hosts\":[{\"host\":\"alpha\"},{\"host\":\"beta\"}]}', 'alpha,beta'",
        "'{\"storages\":[{\"storage\":\"pool\"}]}', pool",
        "'{\"host\":\"alpha\",\"storages\":[]}', alpha",
        "'{\"storage\":\"pool\",\"type\":\"gfs2\"}', pool"
    })
    void hosts_and_storages_have_names(String json, String names) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Form.NAME.print(
                new Terminal(
                        out,
                        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                        Colours.NONE),
                ((JsonReader.Value) new JsonReader().read(json)).json());
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactlyElementsOf(List.of(names.split(",", -1)));
    }

    /** With options right after the command. */
    private static String[] with(String[] command, String... options) {
        return Stream.of(Arrays.copyOf(command, 1), options, Arrays.copyOfRange(command, 1, command.length))
                .flatMap(Stream::of)
                .toArray(String[]::new);
    }

    @Test
    void a_picture_that_is_shown_again_ends_when_its_vm_is_gone() {
        Ran gone = run("status", "none", "--watch");
        assertThat(gone.exitCode()).isEqualTo(1);
        assertThat(run("status", "--watch=0").exitCode()).isEqualTo(2);
    }
}
