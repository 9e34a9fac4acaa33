package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import labeler.server.TestServer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A result that is lost on its way does not look like a success. A reader that has seen enough, as `head`, is no fault. */
class LostResultTest {
    private static final long SECONDS = 60;

    /** The script, which asks by curl and needs no Java here. */
    private static final Path SCRIPT = Path.of("src/main/dist/bin/labeler").toAbsolutePath();

    private final Path directory;

    @AutoClose
    private final TestServer server;

    LostResultTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
        Files.writeString(directory.resolve("disk.img"), "raw bytes");
    }

    private Map<String, String> environment() {
        return Map.of(
                "LABELER_SOCKET", server.socket().toString(),
                "LABELER_JAVA_HOME", "/nonexistent",
                "disk", directory.resolve("disk.img").toString(),
                "large", directory.resolve("large.xml").toString());
    }

    /** Runs a line of shell, in which {@code "$@"} is the command. */
    private CliProcess shell(String line, List<String> command) throws IOException {
        List<String> whole = new ArrayList<>(List.of("sh", "-c", line, "sh"));
        whole.addAll(command);
        return CliProcess.execute(directory, environment(), whole);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "status --json",
                "status -o yaml",
                "chain --format raw \"$disk\"",
                "chain --format raw --json \"$disk\"",
                "plan web1 --json -- qemu-system-x86_64",
                "--help"
            })
    void a_result_that_cannot_be_written_is_a_failure(String words) throws IOException {
        assertThat(shell("exec \"$@\" " + words + " >/dev/full", CliProcess.command()))
                .isEqualTo(
                        new CliProcess(1, "", "labeler: the result could not be written: no space left on device\n"));
    }

    @Test
    void a_refusal_keeps_its_exit_code() throws IOException {
        CliProcess refused =
                shell("exec \"$@\" start conflict --json -- qemu-system-x86_64 >/dev/full", CliProcess.command());

        assertThat(refused.exitCode()).isEqualTo(4);
        assertThat(refused.err()).contains("the result could not be written").doesNotContain("is done");
    }

    @Test
    void who_cannot_read_of_a_start_is_told_that_it_is_done() throws IOException {
        CliProcess started = shell("exec \"$@\" start web1 -- qemu-system-x86_64 >/dev/full", CliProcess.command());

        assertThat(started)
                .isEqualTo(new CliProcess(
                        1,
                        "",
                        "labeler: the result could not be written: no space left on device; what was asked for is"
                                + " done\n"));
        assertThat(server.lifecycle().status()).hasSize(1);
    }

    @Test
    void the_script_says_it_as_well() throws IOException {
        List<String> script = List.of("sh", SCRIPT.toString());

        assertThat(shell("exec \"$@\" status >/dev/full", script))
                .isEqualTo(new CliProcess(1, "", "labeler: the result could not be written\n"));
        assertThat(shell("exec \"$@\" status >&-", script))
                .isEqualTo(new CliProcess(1, "", "labeler: the result could not be written\n"));
        assertThat(shell("exec \"$@\" start web1 -- qemu-system-x86_64 >/dev/full", script))
                .isEqualTo(new CliProcess(
                        1, "", "labeler: the result could not be written; what was asked for is done\n"));
        assertThat(shell("exec \"$@\" stop none >/dev/full", script).exitCode()).isEqualTo(1);
        assertThat(shell("exec \"$@\" status 2>&-", script).exitCode()).isZero();
        assertThat(shell("exec \"$@\" status <&-", script).exitCode()).isZero();
    }

    @Test
    void a_closed_standard_input_is_no_crash() throws IOException {
        CliProcess failed = shell("exec \"$@\" plan web1 --domain-xml - <&-", CliProcess.command());

        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).startsWith("labeler: -: ").hasLineCount(1);
    }

    @Test
    void a_lack_of_memory_is_one_line() throws IOException {
        Files.writeString(directory.resolve("large.xml"), "<domain>" + "x".repeat(4_000_000) + "</domain>");
        List<String> small = new ArrayList<>(CliProcess.command());
        small.add(1, "-Xmx14m");

        CliProcess failed = shell("exec \"$@\" plan web1 --domain-xml \"$large\"", small);

        assertThat(failed.err())
                .startsWith("labeler: not enough memory for what was asked for;")
                .hasLineCount(1);
        assertThat(failed.exitCode()).isEqualTo(1);
    }

    /** A process whose standard output is read by this test. */
    private Process piped(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().putAll(environment());
        return builder.start();
    }

    private void endsInSilence(Process process) throws Exception {
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("ends in time")
                    .isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(directory.resolve("err")).isEmptyFile();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void a_reader_that_has_gone_is_no_failure() throws Exception {
        List<List<String>> commands =
                List.of(CliProcess.command("status", "--json"), List.of("sh", SCRIPT.toString(), "status"));
        for (List<String> command : commands) {
            Process process = piped(command);
            process.getInputStream().close();
            endsInSilence(process);
        }
        // As in a unit of systemd, which has the signal ignored.
        Process ignoring = piped(List.of("sh", "-c", "trap '' PIPE; exec sh \"$0\" status", SCRIPT.toString()));
        ignoring.getInputStream().close();
        endsInSilence(ignoring);
    }

    @Test
    void a_follower_of_events_ends_with_its_reader() throws Exception {
        Process follower = piped(CliProcess.command("events", "--follow"));
        follower.getInputStream().close();
        endsInSilence(follower);
    }

    @Test
    void a_picture_that_is_shown_again_ends_with_its_reader() throws Exception {
        Process shown = piped(CliProcess.command("status", "--watch=3600"));
        try (BufferedReader reader = shown.inputReader(StandardCharsets.UTF_8)) {
            assertThat(reader.readLine()).isEqualTo("no VMs");
        }
        endsInSilence(shown);
    }
}
