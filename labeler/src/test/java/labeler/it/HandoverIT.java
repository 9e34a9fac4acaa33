package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.json.Json;
import labeler.launch.DescriptorExchange;
import labeler.launch.HandedDescriptor;
import labeler.linux.Pid;
import labeler.linux.jna.JnaLinux;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real VMs by {@code labeler run} whose images are on a real ramfs, which stores no labels. */
class HandoverIT {
    private static final String VM = "web1";

    @TempDir
    Path temporary;

    private @Nullable Mounted mounted;
    private ServiceFixture service = new ServiceFixture(Path.of("/"));
    private Monitor monitor = new Monitor(Path.of("/"));
    private Path memory = Path.of("/");
    private Path top = Path.of("/");
    private Path others = Path.of("/");

    @BeforeEach
    void aChainOfThreeWithADataFile() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io", "strace", "socat");
        Machine.requireLandlock();
        mounted = Mounted.ramfs(temporary.resolve("memory"));
        memory = mounted.directory();
        Images images = new Images(memory);
        Path base = images.raw("base");
        Command.done("qemu-io", "-f", "raw", "-c", "write -P 171 0 64k", base.toString());
        Path middle = images.overlay("middle", base);
        top = images.overlayWithData("top", middle, images.path("top.data"));
        Command.done("qemu-io", "-c", "write -P 17 64k 64k", top.toString());
        others = images.raw("others");
        service = ServiceFixture.withHumanMonitor(temporary);
        monitor = new Monitor(service.runDirectory().resolve("vms").resolve(VM).resolve("monitor"));
    }

    @AfterEach
    void end() throws IOException {
        service.close();
        if (mounted != null) {
            mounted.close();
        }
    }

    private List<String> running(List<String> qemu) {
        return service.running(VM, qemu);
    }

    private List<String> qemu(String... options) {
        return Images.with(
                Images.qemu("-drive", "if=none,id=disk,format=qcow2,file=" + top),
                Images.with(monitor.options(), List.of(options)));
    }

    @Test
    void the_whole_chain_is_read_and_written_and_nothing_there_is_opened() throws IOException {
        Path trace = temporary.resolve("trace");
        List<String> traced = Images.with(
                List.of("strace", "-f", "-qq", "-o", trace.toString(), "-e", "trace=execve,open,openat,openat2,creat"),
                running(qemu()));
        try (Qemu qemu = Qemu.start(traced)) {
            monitor.await();
            assertThat(monitor.reads("disk", 171, 0, 64 << 10)).isTrue();
            assertThat(monitor.reads("disk", 17, 64 << 10, 64 << 10)).isTrue();
            assertThat(monitor.qemuIo("disk", "write -P 99 128k 64k")).contains("\"return\": \"\"");
            assertThat(monitor.qemuIo("disk", "flush")).contains("\"return\"");
            monitor.quit();
            qemu.awaitEnd();
        }
        assertThat(afterTheLastExec(trace)).isNotEmpty().noneMatch(line -> line.contains(memory + "/"));
        Command.done("qemu-io", "-c", "read -P 99 128k 64k", top.toString());
    }

    /** The system calls of qemu itself. The launcher before it opens files for Landlock rules, but none of these. */
    private static List<String> afterTheLastExec(Path trace) throws IOException {
        List<String> lines = Files.readAllLines(trace);
        int last = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains("execve(") && lines.get(i).contains("qemu-system")) {
                last = i;
            }
        }
        return lines.subList(last, lines.size());
    }

    @Test
    void another_file_there_is_denied_and_what_is_handed_over_has_one_writer() throws IOException {
        try (Qemu _ = Qemu.start(running(qemu()))) {
            monitor.await();
            Reply status = service.get("/v1/vms/" + VM).ok();
            assertThat(status.body().elements("walls")).contains(Json.of("landlock"), Json.of("descriptors"));
            assertThat(status.elements("files").stream()
                            .filter(file -> file.text("path").orElse("").startsWith(memory + "/")))
                    .hasSize(4)
                    .allSatisfy(file -> assertThat(file.text("treatment")).contains("pass"));

            assertThat(monitor.open(others, true)).contains("Permission denied");
            assertThat(monitor.open(top, true)).contains("Permission denied");

            Command second = service.cli(Images.with(List.of("run", "web2", "--"), qemu()));
            assertThat(second.exitCode()).isEqualTo(4);
            assertThat(second.err()).contains(top.toString(), "VM " + VM);
            assertThat(service.cli(List.of("verify", VM)).exitCode()).isZero();
        }
    }

    @Test
    void nothing_is_left_in_the_service_or_on_the_host() throws IOException {
        try (Qemu qemu = Qemu.start(running(qemu()))) {
            monitor.await();
            assertThat(opened(service.pid())).isEmpty();
            assertThat(opened(qemu.pid())).isNotEmpty();
            qemu.kill();
        }
        service.awaitGone(VM);
        // If a process still had a copy of a descriptor, qemu's locks would block this.
        Command.done("qemu-io", "-c", "write 0 512", top.toString());
        assertThat(service.post("/v1/recover", "").ok().elements("stale")).isEmpty();
    }

    /** Files on the ramfs that a process has open. */
    private List<String> opened(long pid) throws IOException {
        return new OpenNames(pid).below(memory);
    }

    @Test
    void a_kernel_there_is_copied_and_the_copy_goes_with_the_vm() throws IOException {
        Path kernel = new Images(memory).raw("kernel");
        Path directory = service.runDirectory().resolve("vms").resolve(VM);
        List<String> pc = new ArrayList<>(qemu("-kernel", kernel.toString(), "-m", "64"));
        pc.set(pc.indexOf("none"), "pc");
        try (Qemu qemu = Qemu.start(running(pc))) {
            monitor.await();
            assertThat(directory.resolve("copy-0")).hasSameBinaryContentAs(kernel);
            qemu.kill();
        }
        service.awaitGone(VM);
        assertThat(directory).doesNotExist();
    }

    @Test
    void a_plan_shows_the_command_line_that_qemu_would_get() throws IOException {
        Command plan = service.cli(Images.with(List.of("plan", VM, "--json", "--"), qemu()));

        assertThat(plan.exitCode()).isZero();
        assertThat(plan.out()).contains("/dev/fdset/1", "\"access\": \"read-write\"", "\"treatment\": \"pass\"");
    }

    @Test
    void a_process_that_was_not_started_gets_nothing() throws IOException {
        long self = ProcessHandle.current().pid();
        String body = ServiceFixture.body(qemu(), Optional.of(new Pid((int) self)));
        service.post("/v1/vms/" + VM + "/start", body.replaceFirst("\\{", "{\"launch\":\"run\","))
                .ok();
        Path socket = service.socket()
                .resolveSibling("descriptors-" + service.socket().getFileName());

        Command asked = Command.run(Map.of(), List.of("socat", "-u", "UNIX-CONNECT:" + socket, "STDOUT"));

        assertThat(asked.out()).isEmpty();
        List<HandedDescriptor> handed;
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            handed = new DescriptorExchange(JnaLinux.create().sockets()).receive(channel);
        }
        assertThat(handed).isNotEmpty();
        // Beside the socket of its monitor.
        assertThat(opened(self))
                .hasSameSizeAs(handed.stream()
                        .filter(one -> one.set() != HandedDescriptor.MONITOR)
                        .toList());
        handed.forEach(HandedDescriptor::close);
        service.stop(VM).ok();
    }
}
