package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import labeler.json.Json.JsonObject;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happened, and why: the audit log and its explanations, with a real service, a real qemu and real labels. */
class RecordIT {
    private static final String VM = "web1";
    private static final String OTHER = "web2";

    private final Images images;
    private final Path overlay;

    @AutoClose
    private final ServiceFixture service;

    RecordIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        overlay = images.overlay("overlay", images.labelledRaw("base"));
        service = ServiceFixture.started(temporary);
    }

    private List<JsonObject> events(String query) throws IOException {
        return service.get("/v1/events" + query).ok().elements("events");
    }

    private static List<String> kinds(List<JsonObject> events) {
        return events.stream().map(event -> event.text("event").orElse("?")).toList();
    }

    @Test
    void the_life_of_a_vm_is_in_the_log_with_who_asked() throws IOException {
        List<String> argv = Images.qemuWithOverlay(overlay);
        try (Qemu qemu = Qemu.start(argv)) {
            service.start(VM, argv, qemu.pid()).ok();
            assertThat(service.start(VM, argv, qemu.pid()).status()).isEqualTo(409);
            qemu.kill();
            service.awaitGone(VM);
        }
        service.start(OTHER, argv).ok();
        service.stop(OTHER).ok();
        eventually("all is written", () -> kinds(events("?vm=" + OTHER)).contains("stop-requested"));

        assertThat(kinds(events("?vm=" + VM))).containsExactly("vm-started", "start-refused", "vm-stopped");
        assertThat(kinds(events("?vm=" + OTHER))).containsExactly("vm-started", "vm-stopped", "stop-requested");
        assertThat(kinds(events(""))).startsWith("service-started");
        JsonObject started = events("?vm=" + VM).getFirst();
        assertThat(Reply.object(started.get("client").orElseThrow()).number("pid"))
                .contains(ProcessHandle.current().pid());
        assertThat(started.elements("files").toString()).contains(overlay.toString(), "read-write", "read-only");
        assertThat(Files.readString(log())).doesNotContain("-nodefaults");
    }

    private Path log() throws IOException {
        try (Stream<Path> files = Files.list(service.state().resolve("audit"))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void a_killed_service_goes_on_with_the_log_of_the_last_one() throws IOException {
        service.start(VM, Images.qemuWithOverlay(overlay)).ok();
        eventually("it is written", () -> kinds(events("")).contains("vm-started"));
        service.kill();
        service.start();
        eventually("it is written", () -> events("").size() == 3);

        assertThat(kinds(events(""))).containsExactly("service-started", "vm-started", "service-started");
        assertThat(events(""))
                .extracting(event -> event.number("number").orElseThrow())
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    void events_are_one_line_each_for_people_and_for_scripts() throws IOException {
        List<String> argv = Images.qemuWithOverlay(overlay);
        service.start(VM, argv).ok();
        service.stop(VM).ok();
        eventually("all is written", () -> kinds(events("")).contains("stop-requested"));

        Command text = service.cli(List.of("events", VM));
        Command json = service.cli(List.of("events", VM, "--json", "--since", "10m"));
        assertThat(text.exitCode()).as(text.err()).isZero();
        assertThat(text.out().lines()).hasSize(3).first().asString().contains("web1  vm started", overlay.toString());
        assertThat(json.out().lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).startsWith("{\"number\":").endsWith("}"));
        assertThat(service.cli(List.of("events", "none")).out()).isEmpty();
        assertThat(service.cli(List.of("events", "--since", "soon")).exitCode()).isEqualTo(2);
        assertThat(service.cli(List.of("events", "--since", "2999-01-01")).out())
                .isEmpty();
    }

    @Test
    void followers_see_what_happens_and_one_that_never_reads_holds_up_nobody() throws Exception {
        List<SocketChannel> silent = new ArrayList<>();
        Process follower = new ProcessBuilder(
                        ServiceFixture.labeler(),
                        "events",
                        "--follow",
                        "--json",
                        "--since",
                        "1h",
                        "--socket",
                        service.socket().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = follower.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(service.socket()));
                channel.write(ByteBuffer.wrap(
                        "GET /v1/events?wait=true HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                silent.add(channel);
            }
            assertThat(lines.readLine()).contains("service-started");
            service.start(VM, Images.qemuWithOverlay(overlay)).ok();
            assertThat(lines.readLine()).contains("\"event\":\"vm-started\"", "\"vm\":\"web1\"");
            service.stop(VM).ok();
            assertThat(lines.readLine()).contains("vm-stopped");
            assertThat(service.terminate()).isZero();
        } finally {
            follower.destroyForcibly();
            for (SocketChannel channel : silent) {
                channel.close();
            }
        }
    }

    /** A line as the kernel writes it, about a real file. */
    private String denial(JsonObject vm, String permissions, Path file, String target, String name) throws IOException {
        Object inode = Files.getAttribute(file, "unix:ino");
        return "type=AVC msg=audit(1764230695.123:456): avc:  denied  { " + permissions + " } for  pid=1"
                + " comm=\"qemu-system-x86\" " + name + " ino=" + inode + " scontext="
                + vm.text("processContext").orElseThrow() + " tcontext=" + target + " tclass=file permissive=0";
    }

    private JsonObject vm(String name) throws IOException {
        return service.get("/v1/vms/" + name).ok().body();
    }

    private String context(String vm, Path file) throws IOException {
        return service.get("/v1/vms/" + vm)
                .ok()
                .about("files", file)
                .text("context")
                .orElseThrow();
    }

    @Test
    void trickery_a_bug_and_a_missing_label_read_differently() throws IOException {
        Path foreign = images.raw("foreign");
        Path unnamed = images.raw("unnamed");
        service.start(VM, Images.qemuWithOverlay(overlay)).ok();
        service.start(OTHER, Images.qemuWithRaw(foreign)).ok();
        JsonObject vm = vm(VM);

        // The other VM's file, with only the last part of its name.
        Command trickery = service.cli(
                List.of("explain", denial(vm, "read", foreign, context(OTHER, foreign), "name=\"foreign\"")));
        assertThat(trickery.exitCode()).as(trickery.err()).isZero();
        assertThat(trickery.out())
                .startsWith("TRICKERY")
                .contains("VM web1", "not in the VM's set", "a file of VM web2", "labeler events web1");

        // Its own file, whose label somebody replaced.
        String path = "path=\"" + overlay + "\"";
        Attributes.label(overlay, Images.HOME);
        Command bug = service.cli(List.of("explain", "-"), bytes(denial(vm, "write", overlay, Images.HOME, path)));
        assertThat(bug.out())
                .startsWith("BUG")
                .contains("label was lost", context(VM, overlay), Images.HOME, "labeler relabel web1");
        assertThat(service.cli(List.of("relabel", VM)).exitCode()).isZero();
        assertThat(service.cli(List.of("explain", denial(vm, "write", overlay, Images.HOME, path)))
                        .out())
                .contains("It has the right label again.");

        // Nobody's file, and its own base, which nobody told that it writes.
        Command missing = service.cli(List.of(
                "explain",
                denial(vm, "open", unnamed, "system_u:object_r:virt_image_t:s0", "path=\"" + unnamed + "\"")));
        assertThat(missing.out()).startsWith("MISSING LABEL").contains("No VM holds it", "labeler disk attach web1");
        Path base = images.path("base");
        Command written =
                service.cli(List.of("explain", denial(vm, "write", base, context(VM, base), "path=\"" + base + "\"")));
        assertThat(written.out()).startsWith("MISSING LABEL").contains("reading only", "qmp.sock");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void files_and_processes_of_the_host_are_trickery_and_a_vm_that_has_ended_is_named() throws IOException {
        service.start(VM, Images.qemuWithOverlay(overlay)).ok();
        JsonObject vm = vm(VM);
        String shadow =
                denial(vm, "read", Path.of("/etc/hostname"), "system_u:object_r:shadow_t:s0", "path=\"/etc/shadow\"");

        assertThat(service.cli(List.of("explain", shadow)).out())
                .startsWith("TRICKERY")
                .contains("a file of the host");
        assertThat(service.cli(List.of(
                                "explain",
                                shadow.replace("{ read }", "{ ptrace }").replace("=file", "=process")))
                        .out())
                .startsWith("TRICKERY")
                .contains("no file");
        service.stop(VM).ok();
        eventually("it is written", () -> kinds(events("")).contains("stop-requested"));
        assertThat(service.cli(List.of("explain", shadow)).out())
                .startsWith("NO VM")
                .contains("VM web1 had it, and has ended");
    }

    @Test
    void a_file_is_explained_by_its_holds_its_label_and_what_was_decided() throws IOException {
        service.start(VM, Images.qemuWithOverlay(overlay)).ok();
        eventually("it is written", () -> kinds(events("")).contains("vm-started"));

        Command held = service.cli(List.of("explain", overlay.toString()));
        assertThat(held.exitCode()).as(held.err()).isZero();
        assertThat(held.out())
                .contains("VM web1 holds it read-write, with the label " + context(VM, overlay), "vm started")
                .doesNotContain("lost");
        Attributes.label(overlay, Images.HOME);
        assertThat(service.cli(List.of("explain", overlay.toString())).out())
                .contains("has the label " + Images.HOME, "it was lost", "labeler relabel web1");
        assertThat(service.cli(List.of("explain", "/nothing/there")).out())
                .contains("nothing is there", "No VM holds it");
        assertThat(service.cli(List.of("explain", "--json", overlay.toString())).out())
                .contains("\"reading\": null", "\"sentences\": [");
    }

    @Test
    void what_is_no_denial_has_an_exit_code_of_its_own() throws IOException {
        assertThat(service.cli(List.of("explain", "avc:  denied  { read } for  nonsense"))
                        .exitCode())
                .isEqualTo(3);
        assertThat(service.cli(List.of("explain", "-"), bytes("nothing\0at all\n"))
                        .exitCode())
                .isEqualTo(3);
        assertThat(service.cli(List.of("explain", "two", "words")).exitCode()).isEqualTo(2);
        assertThat(service.post("/v1/explain", "{}").status()).isEqualTo(400);
    }
}
