package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import labeler.config.GuardConfig;
import labeler.hook.HookScript;
import labeler.lifecycle.StartRequest;
import labeler.selinux.Level;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script as libvirt calls it, with the real shell, the real curl and a real server. */
class LibvirtHookScriptTest {
    private static final String XML =
            "<domain type='kvm'><seclabel><label>system_u:system_r:svirt_t:s0:c7,c9</label>" + "</seclabel></domain>";

    private final Path directory;

    @AutoClose
    private final TestServer server;

    LibvirtHookScriptTest(@TempDir Path directory) throws IOException {
        // As anybody else it does nothing.
        Capability.ROOT.assume();
        Capability.CURL.assume();
        this.directory = directory;
        this.server = TestServer.start(directory);
    }

    private record Result(int exitCode, String out, String err) {
        Result(int exitCode, String err) {
            this(exitCode, "", err);
        }
    }

    private Result hook(Path socket, String xml, String... arguments) throws IOException, InterruptedException {
        return hook(List.of(), socket, xml, arguments);
    }

    /** libvirt goes on, and the hook says nothing. */
    private void passes(String xml, String... arguments) throws IOException, InterruptedException {
        assertThat(hook(server.socket(), xml, arguments)).isEqualTo(new Result(0, ""));
    }

    private Result hook(List<String> as, Path socket, String xml, String... arguments)
            throws IOException, InterruptedException {
        Path script = directory.resolve("hook");
        Files.write(script, HookScript.script());
        Path input = directory.resolve("input");
        Files.writeString(input, xml);
        List<String> command = new ArrayList<>(as);
        command.addAll(List.of("/bin/sh", script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(input.toFile())
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().put("LABELER_SOCKET", socket.toString());
        builder.environment()
                .put("LABELER_HOOK_SETTINGS", directory.resolve("hook.conf").toString());
        Process process = builder.start();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), Files.readString(directory.resolve("output")), err);
    }

    @Test
    void a_vm_is_held_from_start_begin_to_release_end_at_libvirts_level() throws Exception {
        String name = "web 1/../ä%'$(id)\"".replace("/", "");
        passes(XML, name, "prepare", "begin", "-");
        assertThat(server.lifecycle().starts()).isEmpty();
        passes(XML, name, "start", "begin", "-");
        assertThat(server.lifecycle().starts()).hasSize(1);
        assertThat(server.lifecycle().starts().getFirst().name()).isEqualTo(new VmName(name));
        assertThat(server.lifecycle().starts().getFirst().level()).isEqualTo(Level.parse("s0:c7,c9"));
        passes(XML, name, "started", "begin", "-");
        passes(XML, name, "stopped", "end", "-");
        assertThat(server.lifecycle().status(new VmName(name))).isPresent();
        passes(XML, name, "release", "end", "destroyed");
        assertThat(server.lifecycle().status(new VmName(name))).isEqualTo(Optional.empty());
        passes(XML, name, "release", "end", "destroyed");
    }

    @Test
    void by_a_static_label_without_relabelling_labeler_labels() throws Exception {
        String fixed = XML.replace("<seclabel>", "<seclabel type='static' model='selinux' relabel='no'>");
        passes(XML, "web1", "start", "begin", "-");
        passes(fixed, "web2", "start", "begin", "-");
        assertThat(server.labels().of(new VmName("web1"))).isEqualTo(GuardConfig.Labels.LIBVIRT);
        assertThat(server.labels().of(new VmName("web2"))).isEqualTo(GuardConfig.Labels.LABELER);
    }

    @Test
    void a_refusal_fails_the_start_with_its_reason_in_one_line() throws Exception {
        assertThat(hook(server.socket(), XML, "conflict", "start", "begin", "-"))
                .isEqualTo(new Result(
                        1, "labeler: VM conflict may not start: /vm/top.qcow2: the rule, and the way out\n"));
        assertThat(hook(server.socket(), "nonsense", "web1", "start", "begin", "-"))
                .isEqualTo(new Result(1, "labeler: VM web1 may not start: not a domain XML\n"));
    }

    @Test
    void a_vm_that_somebody_else_runs_under_the_same_name_is_not_taken_down() throws Exception {
        server.post("/v1/vms/web1/start", "{\"domainXml\":\"<domain/>\",\"pid\":77}");
        server.post("/v1/vms/web2/start", "{\"domainXml\":\"<domain/>\"}");
        for (String name : List.of("web1", "web2")) {
            passes(XML, name, "release", "end", "failed");
            assertThat(server.lifecycle().status(new VmName(name))).isPresent();
        }
    }

    /** A user's own libvirt finds the hook, and not the service. */
    @Test
    void a_domain_of_a_users_session_is_nothing_to_it() throws Exception {
        Capability.SETPRIV.assume();
        List<String> asUser = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String moment : List.of("start begin", "migrate begin", "release end")) {
            String[] words = moment.split(" ", 2);
            assertThat(hook(asUser, server.socket(), XML, "web1", words[0], words[1], "-"))
                    .as(moment)
                    .isEqualTo(new Result(0, ""));
        }
        assertThat(server.lifecycle().starts()).isEmpty();
    }

    @Test
    void the_administrator_may_let_a_vm_start_without_a_service() throws Exception {
        Path none = directory.resolve("none");
        Path settings = directory.resolve("hook.conf");
        Files.writeString(settings, "# a comment\nservice optional");
        Result start = hook(none, XML, "web1", "start", "begin", "-");
        assertThat(start.exitCode()).isZero();
        assertThat(start.err())
                .contains("VM web1 starts", settings.toString(), "no labelerd")
                .hasLineCount(1);
        for (String other : List.of("service required\n", "service optional perhaps\n", "serviceoptional\n", "")) {
            Files.writeString(settings, other);
            assertThat(hook(none, XML, "web1", "start", "begin", "-").exitCode())
                    .as(other)
                    .isEqualTo(1);
        }
        Files.writeString(settings, "service optional\n");
        assertThat(hook(server.socket(), XML, "conflict", "start", "begin", "-").exitCode())
                .isEqualTo(1);
    }

    @Test
    void without_a_service_a_start_fails_and_a_release_does_not() throws Exception {
        Path none = directory.resolve("none");
        Result start = hook(none, XML, "web1", "start", "begin", "-");
        assertThat(start.exitCode()).isEqualTo(1);
        assertThat(start.err()).contains("no labelerd at " + none).hasLineCount(1);
        Result release = hook(none, XML, "web1", "release", "end", "shutdown");
        assertThat(release.exitCode()).isZero();
        assertThat(release.err()).contains("not given back yet").hasLineCount(1);
        for (String operation : List.of("prepare", "started", "reconnect", "restore", "attach")) {
            assertThat(hook(none, XML, "web1", operation, "begin", "-")).isEqualTo(new Result(0, ""));
        }
    }

    private static final String COMING = "<domain type='kvm'><name>web1</name>"
            + "<uuid>7b2e5c1e-6f5f-4a57-9a53-0c6d7f8e9a10</uuid><title>ä &lt; %s $(id) \\n</title>\n\n"
            + "<seclabel type='dynamic' model='selinux' relabel='yes'/></domain>";

    private static final String COME = COMING.replace(
            "<seclabel type='dynamic' model='selinux' relabel='yes'/>",
            "<seclabel model='selinux' relabel='yes' type='static'>"
                    + "<label>system_u:system_r:svirt_t:s0:c12,c345</label></seclabel>");

    private static final Pattern NUMBER = Pattern.compile(
            "<metadata><labeler:arrival xmlns:labeler=\"urn:labeler:libvirt:arrival:1\">[-0-9a-f]{36}</labeler:arrival>"
                    + "</metadata>");

    /** libvirt's XML from then on. */
    private String comes(String xml) throws Exception {
        Result answer = hook(server.socket(), xml, "web1", "migrate", "begin", "-");
        assertThat(answer.exitCode()).as("%s", answer).isZero();
        assertThat(answer.err()).isEmpty();
        assertThat(NUMBER.matcher(answer.out()).results()).hasSize(1);
        return answer.out();
    }

    @Test
    void a_vm_that_comes_from_another_host_gets_the_level_that_it_has_there() throws Exception {
        String come = comes(COMING);
        assertThat(NUMBER.matcher(come).replaceAll("")).isEqualTo(COME + "\n");
        passes(come, "web1", "prepare", "begin", "-");
        passes(come, "web1", "start", "begin", "-");
        passes(come, "web1", "release", "end", "migrated");
        passes(come, "web1", "start", "begin", "-");
        assertThat(server.lifecycle().starts())
                .extracting(StartRequest::isArriving)
                .as("a later start is none of a VM that comes")
                .containsExactly(true, false);
    }

    @Test
    void an_xml_that_names_the_level_already_gets_another_number_each_time_and_nothing_else() throws Exception {
        String come = comes(COME);
        assertThat(NUMBER.matcher(come).replaceAll("")).isEqualTo(COME + "\n");
        String again = comes(come);
        assertThat(again).isNotEqualTo(come);
        assertThat(NUMBER.matcher(again).replaceAll("")).isEqualTo(COME + "\n");
        passes(again, "web1", "start", "begin", "-");
        assertThat(server.lifecycle().starts()).singleElement().matches(StartRequest::isArriving);
    }

    /** The migration has come to nothing before its start, and libvirt tells nobody. */
    @Test
    void a_start_by_hand_is_none_of_a_vm_that_comes() throws Exception {
        String come = comes(COMING);
        passes(COME, "web1", "start", "begin", "-");
        assertThat(server.lifecycle().starts()).singleElement().matches(start -> !start.isArriving());
        assertThat(come).isNotEqualTo(COME);
    }

    @Test
    void a_vm_that_no_other_host_has_starts_as_any_other() throws Exception {
        passes(COMING, "stranger", "migrate", "begin", "-");
        assertThat(hook(server.socket(), XML, "web1", "migrate", "begin", "-"))
                .as("without a UUID")
                .isEqualTo(new Result(0, ""));
        passes(COMING, "stranger", "start", "begin", "-");
        assertThat(server.lifecycle().starts()).singleElement().matches(start -> !start.isArriving());
    }

    @Test
    void a_vm_that_does_not_come_after_all_is_forgotten() throws Exception {
        String come = comes(COMING);
        passes(come, "web1", "release", "end", "failed");
        passes(come, "web1", "start", "begin", "-");
        assertThat(server.lifecycle().starts()).singleElement().matches(start -> !start.isArriving());
    }

    @Test
    void what_may_not_come_is_refused_in_one_line() throws Exception {
        Path none = directory.resolve("none");
        assertThat(hook(server.socket(), COMING, "conflict", "migrate", "begin", "-"))
                .isEqualTo(new Result(
                        1, "labeler: VM conflict may not come here: /vm/top.qcow2: the rule, and the way out\n"));
        assertThat(hook(none, COMING, "web1", "migrate", "begin", "-").err())
                .contains("VM web1 may not come here: no labelerd at " + none)
                .hasLineCount(1);
        Files.writeString(directory.resolve("hook.conf"), "service optional\n");
        Result optional = hook(none, COMING, "web1", "migrate", "begin", "-");
        assertThat(optional.exitCode()).isZero();
        assertThat(optional.out()).isEmpty();
        assertThat(optional.err()).contains("labeler does nothing for it").hasLineCount(1);
    }

    @Test
    void an_xml_of_megabytes_passes() throws Exception {
        String large = XML + " ".repeat(3 << 20);
        passes(large, "web1", "start", "begin", "-");
    }

    @Test
    void what_is_refused_before_the_hooks_own_endpoint_is_told_in_one_line_too() throws Exception {
        assertThat(hook(server.socket(), XML, "a\u0001b", "start", "begin", "-"))
                .isEqualTo(new Result(
                        1,
                        "labeler: VM a\u0001b may not start: a VM's name has 1 to 255 characters, none of them a slash"
                                + " or a control character, and is not . or ..\n"));
        assertThat(hook(server.socket(), XML + " ".repeat(4 << 20), "web1", "start", "begin", "-"))
                .isEqualTo(new Result(1, "labeler: VM web1 may not start: the body is larger than 4194304 bytes\n"));
    }

    @Test
    void quotes_and_backslashes_of_a_message_are_shown_as_they_are() throws Exception {
        Path socket = directory.resolve("s");
        String body = "{\"kind\":\"NOT_PERMITTED\",\"message\":\"it \\\"may\\\" not, C:\\\\\",\"problems\":[]}";
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            Future<Integer> served = executor.submit(() -> {
                try (SocketChannel peer = listening.accept()) {
                    peer.write(ByteBuffer.wrap(("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n" + body + "\n")
                            .getBytes(StandardCharsets.UTF_8)));
                    peer.shutdownOutput();
                    return peer.read(ByteBuffer.allocate(1 << 16));
                }
            });
            assertThat(hook(socket, XML, "web1", "start", "begin", "-"))
                    .isEqualTo(new Result(1, "labeler: VM web1 may not start: it \"may\" not, C:\\\n"));
            assertThat(served.get()).isPositive();
        }
    }

    @Test
    void shellcheck_finds_nothing() throws Exception {
        Capability.SHELLCHECK.assume();
        Path script = directory.resolve("hook.sh");
        Files.write(script, HookScript.script());
        Process process = new ProcessBuilder("/usr/bin/shellcheck", "--severity=style", script.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
}
