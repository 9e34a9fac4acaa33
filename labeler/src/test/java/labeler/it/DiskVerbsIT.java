package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The words of {@code labeler disk} for a monitor, as real commands with a real qemu: results, signals, exit codes. */
@Timeout(300)
class DiskVerbsIT {
    /** Larger than what a job copies before it minds its speed. */
    private static final String SIZE = "64M";

    private static final String DISK = "vd0";

    @TempDir
    Path temporary;

    private Path top = Path.of("/");
    private Path expected = Path.of("/");
    private Monitor monitor = new Monitor(Path.of("/"));
    private Path socket = Path.of("/");
    private final List<Qemu> started = new ArrayList<>();

    @BeforeEach
    void aVm() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io", "kill", "env");
        Path base = temporary.resolve("base");
        top = temporary.resolve("top");
        expected = temporary.resolve("expected");
        Command.done("qemu-img", "create", "-q", "-f", "qcow2", base.toString(), SIZE);
        Command.done("qemu-io", "-f", "qcow2", "-c", "write -P 11 0 56M", base.toString());
        Command.done("qemu-img", "create", "-q", "-f", "qcow2", "-b", base.toString(), "-F", "qcow2", top.toString());
        Command.done("qemu-io", "-f", "qcow2", "-c", "write -P 22 4M 40M", top.toString());
        Command.done("qemu-img", "convert", "-O", "raw", top.toString(), expected.toString());
        // One for the command, which keeps it as long as its job runs, and one for the test.
        Monitor own = new Monitor(temporary.resolve("own"));
        monitor = new Monitor(temporary.resolve("qmp"));
        List<String> options = new ArrayList<>(List.of("qemu-system-x86_64", "-accel", "tcg", "-M", "q35"));
        options.addAll(List.of("-nodefaults", "-display", "none", "-S"));
        options.addAll(List.of("-blockdev", "driver=qcow2,node-name=top,file.driver=file,file.filename=" + top));
        options.addAll(List.of("-device", "virtio-blk-pci,drive=top,id=" + DISK, "-device", "ide-cd,id=cd0"));
        options.addAll(own.options());
        options.addAll(monitor.options());
        started.add(Qemu.start(options));
        monitor.await();
        socket = own.socket();
    }

    @AfterEach
    void end() {
        started.forEach(Qemu::close);
    }

    private Qemu qemu() {
        return started.getFirst();
    }

    private List<String> command(String word, String... arguments) {
        // A background process of a shell ignores SIGINT, and so would all that it starts.
        List<String> command = new ArrayList<>(
                List.of("env", "--default-signal=INT", ServiceFixture.labeler(), "disk", word, "web1", DISK));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--qmp", socket.toString()));
        return command;
    }

    private Command run(String word, String... arguments) throws IOException {
        return Command.run(Map.of(), command(word, arguments));
    }

    private String path(String name) {
        return temporary.resolve(name).toString();
    }

    private String jobs() throws IOException {
        return monitor.execute("{\"execute\":\"query-jobs\"}");
    }

    private void assertAsBefore(Path image) throws IOException {
        Command.done("qemu-img", "check", "-q", "-f", "qcow2", image.toString());
        Command.done("qemu-img", "compare", "-q", "-f", "qcow2", "-F", "raw", image.toString(), expected.toString());
    }

    @Test
    void a_disk_gets_a_snapshot_and_loses_it_again() throws IOException {
        Command snapshot = run("snapshot", path("new"));
        assertThat(snapshot.exitCode()).as("%s", snapshot).isZero();
        assertThat(snapshot.out())
                .isEqualTo("web1: disk vd0: writes go to " + path("new") + "; " + top + " stays as it is\n");
        assertThat(snapshot.err()).isEmpty();

        Command commit = run("commit", "--base", "top", "--json");
        assertThat(commit.exitCode()).as("%s", commit).isZero();
        assertThat(commit.out().lines().toList().getLast())
                .startsWith("{\"type\":\"result\",\"vm\":\"web1\",\"disk\":\"vd0\",\"operation\":\"commit\","
                        + "\"outcome\":\"done\"");

        Command again = run("snapshot", top.toString());
        assertThat(again.exitCode()).isEqualTo(3);
        assertThat(again.line()).contains("exists already");

        qemu().terminate();
        assertAsBefore(top);
    }

    /** A command that copies slowly, once it has said that it does. */
    private Process copying(Path err) throws IOException {
        Process process = new ProcessBuilder(
                        command("mirror", path("copy"), "--format", "qcow2", "--speed", "1K", "--json"))
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(err.toFile())
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertThat(out.readLine()).startsWith("{\"type\":\"progress\",\"job\":\"disk-mirror-");
        return process;
    }

    private static void signal(String name, long pid) throws IOException {
        Command.done("kill", "-" + name, Long.toString(pid));
    }

    @Test
    void ctrl_c_cancels_the_job_and_leaves_the_disk_as_before() throws IOException {
        Path err = temporary.resolve("err");
        Process copy = copying(err);

        signal("INT", copy.pid());

        assertThat(Command.await(copy)).isTrue();
        assertThat(copy.exitValue()).isEqualTo(130);
        assertThat(Files.readString(err))
                .isEqualTo("labeler: cancelled; the disk is as before; " + path("copy")
                        + " is incomplete, and nothing uses it\n");
        assertThat(jobs()).contains("\"return\": []");
        qemu().terminate();
        assertAsBefore(top);
    }

    @Test
    void the_end_of_a_unit_cancels_as_ctrl_c_does() throws IOException {
        Process copy = copying(temporary.resolve("err"));

        signal("TERM", copy.pid());

        assertThat(Command.await(copy)).isTrue();
        assertThat(copy.exitValue()).isEqualTo(143);
        assertThat(jobs()).contains("\"return\": []");
    }

    @Test
    void a_second_ctrl_c_ends_at_once_and_names_the_job() throws IOException {
        Path err = temporary.resolve("err");
        Process copy = copying(err);
        signal("STOP", qemu().pid());
        try {
            // Two that come together are one to the kernel.
            while (copy.isAlive()) {
                Command.run(Map.of(), List.of("kill", "-INT", Long.toString(copy.pid())));
                ServiceFixture.pause(100);
            }
        } finally {
            signal("CONT", qemu().pid());
        }

        assertThat(copy.exitValue()).isEqualTo(130);
        assertThat(Files.readString(err))
                .startsWith("labeler: job disk-mirror-")
                .contains("goes on");
    }

    @Test
    void a_full_file_system_fails_the_job_and_not_the_disk() throws IOException {
        try (Mounted small = Mounted.tmpfs(temporary.resolve("small"))) {
            small.remount("size=20m");

            Command mirror = run("mirror", small.directory().resolve("copy").toString(), "--format", "raw");

            assertThat(mirror.exitCode()).as("%s", mirror).isEqualTo(1);
            assertThat(mirror.err()).contains("No space left").contains("the disk is as before");
            assertThat(jobs()).contains("\"return\": []");
            qemu().terminate();
            assertAsBefore(top);
        }
    }

    @Test
    void a_killed_qemu_is_told_and_nobody_waits() throws IOException {
        Path err = temporary.resolve("err");
        Process copy = copying(err);

        qemu().kill();

        assertThat(Command.await(copy)).isTrue();
        assertThat(copy.exitValue()).isEqualTo(1);
        assertThat(Files.readString(err)).contains("disk-mirror-").contains("if qemu still runs");
        assertAsBefore(top);
        Command nobody = run("eject");
        assertThat(nobody.exitCode()).isEqualTo(5);
        assertThat(nobody.line()).contains("nobody listens on " + socket);
    }

    @Test
    void the_service_tells_where_the_guarded_monitor_of_a_vm_is() throws IOException {
        try (ServiceFixture service = ServiceFixture.started(temporary);
                Qemu _ = Qemu.start(service.running("web2", withDisk(expected)))) {
            List<String> eject = List.of("disk", "eject", "web2", "nothing");
            eventually(() -> service.cli(eject).err().contains("there are"));
            Command ended = service.cli(eject);

            assertThat(ended.line()).isEqualTo("labeler: no disk nothing; there are: vd0");
            assertThat(ended.exitCode()).isEqualTo(1);
        }
    }

    private static List<String> withDisk(Path image) {
        return Qemu.paused(
                "-blockdev",
                "driver=raw,node-name=disk,file.driver=file,file.filename=" + image,
                "-device",
                "virtio-blk-pci,drive=disk,id=vd0");
    }
}
