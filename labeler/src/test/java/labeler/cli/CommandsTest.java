package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.openfiles.Look;
import labeler.openfiles.OpenDescriptor;
import labeler.openfiles.OpenMode;
import labeler.server.FakeLifecycle;
import labeler.server.TestServer;
import labeler.view.Terminal;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class CommandsTest {
    private final Map<String, String> environment = new HashMap<>();
    private final Map<Pid, Look> looks = new HashMap<>();

    @AutoClose
    private final TestServer server;

    private final Path directory;

    CommandsTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
    }

    private Ran run(boolean colour, String... arguments) {
        environment.put("LABELER_SOCKET", server.socket().toString());
        return Ran.on(new EmptyHost(environment, looks), colour, arguments);
    }

    private Ran run(String... arguments) {
        return run(false, arguments);
    }

    @Test
    void a_vm_is_started_shown_verified_and_stopped() {
        assertThat(run("status").out()).isEqualTo("no VMs\n");
        Ran start = run("start", "web1", "--level", "s0:c3,c4", "--pid", "1", "--", "qemu-system-x86_64");
        assertThat(start.exitCode()).isZero();
        assertThat(start.out()).contains("web1  running, pid 1, level s0:c3,c4");
        assertThat(run("status").out()).isEqualTo("""
            VM    STATE    PID  LEVEL     WALLS    FILES  AGE
            web1  running  1    s0:c3,c4  selinux  3      -
            """);
        assertThat(run("verify").exitCode()).isZero();
        assertThat(run("relabel", "web1").out()).startsWith("web1: 1 labels set again\n");
        Ran stop = run("stop", "web1");
        assertThat(stop.out()).startsWith("web1: stopped; 1 labels given back, 2 kept\n");
        assertThat(stop.exitCode()).isZero();
        Ran again = run("stop", "web1");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).startsWith("labeler: no VM named web1");
    }

    @Test
    void the_matrix_is_a_table_and_warns_of_what_is_too_much() {
        Ran table = run("matrix");

        assertThat(table.exitCode()).as(table.err()).isZero();
        assertThat(table.out()).startsWith("web1  FILE\nfd    /vm/").contains("rw    /vm/<b>.qcow2");
        assertThat(table.err())
                .isEqualTo("WARNING: web1 can reach /vm/<b>.qcow2 (read-write), which it does not hold\n");
        assertThat(run("matrix", "--svg", "--json").exitCode()).isEqualTo(2);
    }

    @Test
    void the_picture_of_the_matrix_is_well_formed_whatever_the_names_hold() throws Exception {
        String svg = run("matrix", "--svg").out();

        Element root = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
        assertThat(root.getTagName()).isEqualTo("svg");
        assertThat(root.getTextContent()).contains("web1, /vm/<b>.qcow2: read-write");
        assertThat(svg).contains("class=\"fault\"").doesNotContain("<script");
    }

    @Test
    void nothing_that_a_name_holds_reaches_the_terminal_as_it_is() {
        run("start", "web1", "--", "qemu-system-x86_64");
        assertThat(run("status", "web1").out()).contains("/vm/evil\\x1b[2J").doesNotContain("\033");
        assertThat(run("status", "web1", "--json").out())
                .containsIgnoringCase("/vm/evil\\u001b[2J")
                .doesNotContain("\033");
        assertThat(Terminal.escapeForTerminal("\"\u202e\u009b\"")).isEqualTo("\"\\u202e\\u009b\"");
    }

    @Test
    void a_vm_without_walls_is_shown_with_a_loud_warning() {
        server.lifecycle().withoutWalls();
        run("start", "web1", "--", "qemu-system-x86_64");
        assertThat(run("status").out()).contains("NONE");
        assertThat(run("status").err()).contains("WARNING").contains("nothing enforces them");
        assertThat(run("status", "web1").err()).contains("nothing enforces them");
        assertThat(run(true, "status", "web1").err()).startsWith("\033[1;31mWARNING");
    }

    @Test
    void a_plan_without_walls_does_not_say_that_anything_is_written() {
        server.lifecycle().withoutWalls();
        assertThat(run("plan", "web1", "--", "qemu-system-x86_64").err())
                .contains("WARNING: nothing would enforce these labels")
                .doesNotContain("are written");
    }

    @Test
    void drift_is_an_exit_code() {
        run("start", "drifted", "--", "qemu-system-x86_64");
        assertThat(run("verify", "drifted").exitCode()).isEqualTo(1);
        assertThat(run("verify").out())
                .contains("drifted: 1 not as it should be")
                .contains("changed-by-others");
    }

    @Test
    void verify_claims_nothing_about_descriptors_that_nobody_could_look_at() {
        run("start", "web1", "--pid", "1", "--", "qemu-system-x86_64");
        Ran verify = run("verify", "web1");
        assertThat(verify.exitCode()).isZero();
        assertThat(verify.out())
                .isEqualTo(
                        "web1: 1 files as they should be; what its process has open was not compared: nobody may look"
                                + " here\n");
        assertThat(run("verify", "--json").out()).contains("\"compared\": false");
    }

    @Test
    void a_process_that_runs_and_cannot_be_looked_at_is_no_vm_as_it_should_be() {
        run("start", "web1", "--pid", "1", "--", "qemu-system-x86_64");
        looks.put(new Pid(1), new Look.NotSeen("it hides", Look.Cause.FAILED));

        assertThat(run("verify", "web1").exitCode()).isEqualTo(1);
        Ran all = run("verify");
        assertThat(all.exitCode()).isEqualTo(1);
        assertThat(all.out()).contains("was not compared: it hides");

        looks.put(new Pid(1), new Look.NotSeen("it has ended", Look.Cause.NO_PROCESS));
        assertThat(run("verify", "web1").exitCode()).isZero();
    }

    @Test
    void a_file_of_another_vm_among_the_descriptors_is_drift() {
        run("start", "web1", "--pid", "1", "--", "qemu-system-x86_64");
        run("start", "web2", "--pid", "2", "--", "qemu-system-x86_64");
        looks.put(
                new Pid(2),
                new Look.Seen(
                        List.of(new OpenDescriptor(
                                9,
                                HostPath.of("/vm/other"),
                                new OpenMode(Access.READ_ONLY, false),
                                FakeLifecycle.identityOf("web1"),
                                Optional.empty(),
                                Optional.empty())),
                        false));

        assertThat(run("verify", "web1").exitCode()).isZero();
        Ran verify = run("verify", "web2");
        assertThat(verify.exitCode()).isEqualTo(1);
        assertThat(verify.out())
                .contains("web2: 1 not as it should be", "foreign  descriptor 9 is on /vm/other", "VM web1 holds it");
        assertThat(run("verify", "--json").out()).contains("\"kind\": \"foreign\"", "\"descriptor\": 9");
    }

    @Test
    void a_scan_prints_each_part_and_says_whether_something_is_to_be_mended() {
        Ran shown = run("recover", "--scan", "/vm");
        assertThat(shown.exitCode()).isEqualTo(1);
        assertThat(shown.out())
                .contains("found  ", "/vm/second", "10 files looked at: 2 to mend (--apply)")
                .doesNotContain("\033");
        assertThat(run("recover", "--scan", "/vm", "--apply"))
                .satisfies(mended -> assertThat(mended.exitCode()).isZero())
                .satisfies(mended -> assertThat(mended.out()).contains("2 mended"));
        assertThat(run("recover", "--scan", "/clean"))
                .satisfies(clean -> assertThat(clean.exitCode()).isZero())
                .satisfies(clean -> assertThat(clean.err()).contains("odd"));
        assertThat(run("recover", "--scan", "/closed", "--apply"))
                .satisfies(closed -> assertThat(closed.exitCode()).isEqualTo(1))
                .satisfies(closed -> assertThat(closed.out()).contains("1 directory not looked through"));
        assertThat(run("recover", "--scan", "/vm", "/vm", "--json").out()).contains("\"outcome\": \"found\"");
    }

    @Test
    void a_scan_goes_on_after_a_file_and_says_what_is_wrong() {
        assertThat(run("recover", "--scan", "/vm", "--after", "/vm/x").out()).contains("5 files looked at: 1 to mend");
        assertThat(run("recover", "--scan", "/missing"))
                .satisfies(missing -> assertThat(missing.exitCode()).isEqualTo(2))
                .satisfies(missing -> assertThat(missing.err()).contains("no such file"));
        assertThat(run("recover", "--scan", "/vm", "/missing").out())
                .endsWith("10 files looked at: 2 to mend (--apply)\n");
        assertThat(run("recover", "--scan", "/silent").err())
                .as("the place as a shell takes it")
                .contains("it does not answer", "go on with --after $'/vm/\\344'");
        assertThat(run("recover", "--apply").exitCode()).isEqualTo(2);
        assertThat(run("recover", "--scan", "/vm", "--dry-run").exitCode()).isEqualTo(2);
    }

    @Test
    void recover_says_what_it_did() {
        assertThat(run("recover").out()).startsWith("crashed: ended\n");
        assertThat(run("recover", "--dry-run").out()).startsWith("crashed: would be ended\n");
    }

    @Test
    void refusals_have_their_exit_codes() {
        assertThat(run("start", "conflict", "--", "qemu").exitCode()).isEqualTo(4);
        assertThat(run("start", "unwritable", "--", "qemu").exitCode()).isEqualTo(1);
        assertThat(run("start", "fault", "--", "qemu").exitCode()).isEqualTo(1);
        assertThat(run("status", "--socket", directory.resolve("none").toString())
                        .exitCode())
                .isEqualTo(5);
    }

    @Test
    void a_plan_without_service_and_without_a_policy_says_what_is_missing() {
        Ran plan = run("plan", "web1", "--socket", "/none", "--", "qemu");

        assertThat(plan.exitCode()).isEqualTo(1);
        assertThat(plan.err()).contains("no policy is installed");
    }

    @Test
    void libvirts_domains_take_virsh() {
        for (String[] arguments : new String[][] {{"plan", "--libvirt", "web1"}, {"plan", "--libvirt-all"}}) {
            Ran plan = run(arguments);
            assertThat(plan.exitCode()).isEqualTo(1);
            assertThat(plan.err()).contains("virsh is not installed");
        }
    }

    @Test
    void a_malformed_domain_xml_is_refused_in_a_plan_and_a_start() throws IOException {
        Path xml = directory.resolve("vm.xml");
        Files.writeString(xml, "nonsense");
        assertThat(run("start", "web1", "--domain-xml", xml.toString()).exitCode())
                .isEqualTo(3);
        Ran plan = run("plan", "web1", "--domain-xml", xml.toString(), "--json");
        assertThat(plan.exitCode()).isEqualTo(3);
        assertThat(plan.out()).contains("DEFINITION_MALFORMED");
        assertThat(run("plan", "web1", "--domain-xml", "/nonexistent").exitCode())
                .isEqualTo(1);
    }

    /** So the service's messages say it. */
    @Test
    void a_name_that_looks_like_an_option_goes_behind_two_dashes() {
        for (String[] arguments : new String[][] {
            {"events", "--", "--follow"},
            {"relabel", "--", "--dry-run"},
            {"stop", "--", "--force"},
            {"trust", "./-x"},
            {"libvirt", "adopt", "--label", "--", "--json"},
            {"libvirt", "release", "--", "--json"},
            {"guard", "attach", "--qmp", "/x", "--", "-x"},
            {"disk", "detach", "--", "-x", "-d"}
        }) {
            Ran ran = run(arguments);
            assertThat(ran.exitCode()).as(ran.err()).isNotEqualTo(2);
        }
    }

    @Test
    void usage_errors_are_one_line_and_2() {
        for (String[] arguments : new String[][] {
            {"nonsense"},
            {"status", "--nonsense"},
            {"status", "a/b"},
            {"start", "web1"},
            {"plan"},
            {"plan", "web1"},
            {"plan", "--libvirt", "web1", "--libvirt-all"},
            {"plan", "--libvirt-all", "--explain", "/x"},
            {"start", "web1", "--level", "s0:c1,c1", "--", "qemu"},
            {"start", "web1", "--pid", "0", "--", "qemu"},
            {"start", "--", "qemu-system-x86_64", "-enable-kvm"},
            {"start", "--json", "--", "web1", "--", "qemu-system-x86_64"},
            {"plan", "--", "qemu-system-x86_64", "-nodefaults"},
            {"run", "--level", "s0:c1,c2", "--", "qemu-system-x86_64", "-nodefaults"},
            {"run", "web1"},
            {"chain"},
            {"chain", "--format", "QCOW2", "/x"},
            {"chain", "--dot", "--json", "/x"},
            {"start", "web1", "--domain-xml", ""},
            {"status", "--socket", ""},
            {"hook", "install", "nonsense"},
            {"hook"},
            {"hook", "install"},
            {"libvirt"},
            {"libvirt", "adopt"},
            {"libvirt", "release", "a/b"},
            {"policy"},
            {"disk"},
            {"disk", "snapshot", "web1", "vda"},
            {"disk", "mirror", "web1", "vda", "/x"},
            {"disk", "mirror", "web1", "vda", "/x", "--format", "raw", "--pivot", "--no-pivot"},
            {"disk", "backup", "web1", "vda", "/x", "--full", "--incremental", "b"},
            {"disk", "commit", "web1", "vda", "--speed", "-1"},
            {"disk", "commit", "web1", "vda", "--speed", "1T"},
            {"disk", "eject", "web1", "cd0", "x"},
            {"guard"},
            {"guard", "attach", "web1"},
            {"recover", "--apply"},
            {"recover", "--scan", "/x", "--dry-run"}
        }) {
            Ran result = run(arguments);
            assertThat(result.exitCode()).as(String.join(" ", arguments)).isEqualTo(2);
            assertThat(result.err())
                    .as(String.join(" ", arguments))
                    .hasLineCount(1)
                    .startsWith("labeler: ");
        }
        assertThat(run().exitCode()).isEqualTo(2);
    }

    @Test
    void a_disk_of_a_vm_without_a_guard_is_left_alone_and_the_way_out_is_named() {
        run("start", "web1", "--", "qemu-system-x86_64");
        Ran unguarded = run("disk", "commit", "web1", "vda");
        assertThat(unguarded.exitCode()).isEqualTo(1);
        assertThat(unguarded.err())
                .hasLineCount(1)
                .contains("VM web1 has no guard", "labeler guard attach --qmp PATH web1");
        Ran unknown = run("disk", "eject", "web2", "cd0");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("no VM named web2");
        String none = directory.resolve("none").toString();
        assertThat(run("disk", "stream", "web1", "vda", "--socket", none).exitCode())
                .isEqualTo(5);
        assertThat(run("disk", "stream", "web1", "vda", "--qmp", none))
                .satisfies(noMonitor -> assertThat(noMonitor.exitCode()).isEqualTo(5))
                .satisfies(noMonitor -> assertThat(noMonitor.err()).contains("there is no " + none));
    }

    @Test
    void a_new_image_is_not_written_over_a_file() throws IOException {
        Path file = Files.writeString(directory.resolve("image"), "content");
        Ran full = run("disk", "snapshot", "web1", "vda", file.toString());
        assertThat(full.exitCode()).isEqualTo(3);
        assertThat(full.err()).hasLineCount(1).contains(file + ": exists already");
    }

    @Test
    void help_and_version_are_results() {
        assertThat(run("--help").out()).contains("recover", "Exit codes:", "LABELER_SOCKET");
        assertThat(run("start", "--help").out()).contains("--domain-xml", "Exit codes:");
        assertThat(run("start", "--help").exitCode()).isZero();
        assertThat(run("disk", "attach", "--help").out()).contains("--blockdev", "--qmp", "--socket", "Exit codes:");
        assertThat(run("disk", "mirror", "--help").out()).contains("--no-pivot", "--speed", "--qmp", "130");
        assertThat(run("guard", "attach", "--help").out()).contains("--qmp", "--socket", "partial");
        assertThat(run("policy", "install", "--help").out()).contains("--boolean", "--root");
        assertThat(run("hook", "install", "--help").out()).contains("--hooks-dir", "libvirt");
        assertThat(run("libvirt", "adopt", "--help").out()).contains("DOMAIN", "--json");
        assertThat(run("--version").out()).startsWith("labeler ");
    }

    @Test
    void every_command_of_the_help_is_there_by_its_name() {
        for (String name : Main.names()) {
            Ran help = run(name, "--help");
            assertThat(help.exitCode()).as(name).isZero();
            assertThat(help.out()).as(name).startsWith("Usage: labeler " + name);
        }
        assertThat(run("--socket", "/x", "status").exitCode()).isEqualTo(2);
    }

    @Test
    void a_missing_image_is_a_problem_of_the_chain() {
        Ran chain = run("chain", "/vm/top.qcow2", "--json");
        assertThat(chain.exitCode()).isEqualTo(3);
        assertThat(chain.out()).isEqualToIgnoringWhitespace("""
            {"image": "/vm/top.qcow2", "complete": false, "nodes": [], "external": [],
             "problems": [{"kind": "MISSING", "file": "/vm/top.qcow2", "message": "nothing is there"}],
             "warnings": []}\
            """);
    }
}
