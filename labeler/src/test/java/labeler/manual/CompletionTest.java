package labeler.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import labeler.cli.Main;
import labeler.client.PercentEncoding;
import labeler.client.ServiceClient;
import labeler.needs.Need;
import labeler.server.TestServer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completion in real shells, with names from a real service. */
class CompletionTest {
    private static final long SECONDS = 60;

    private final Path directory;
    private final Completion completion = new Completion(new Main().program());

    @AutoClose
    private final TestServer server;

    CompletionTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
    }

    @BeforeEach
    void files() throws IOException {
        Files.createFile(directory.resolve("disk.qcow2"));
        for (String name : List.of("web1", "web 2", "db1")) {
            ServiceClient client = new ServiceClient(server.socket(), ServiceClient.PATIENCE);
            byte[] body =
                    "{\"argv\":[\"qemu-system-x86_64\"],\"workingDirectory\":\"/\"}".getBytes(StandardCharsets.UTF_8);
            assertThat(client.post("/v1/vms/" + PercentEncoding.encode(name) + "/start", body))
                    .isInstanceOfSatisfying(
                            ServiceClient.Answered.class,
                            answer -> assertThat(answer.succeeded()).isTrue());
        }
    }

    private List<String> output(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("LABELER_SOCKET", server.socket().toString());
        builder.environment().put("HOME", directory.toString());
        Process process = builder.start();
        List<String> lines = new ArrayList<>(process.inputReader().lines().toList());
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return lines;
    }

    /** What bash offers for the last of these words. */
    private List<String> bash(String... words) throws IOException {
        Path script = Files.writeString(directory.resolve("labeler.bash"), completion.bash());
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "compopt() { :; }; source " + script
                        + "; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _labeler; printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash",
                "labeler"));
        command.addAll(List.of(words));
        return output(command.toArray(String[]::new));
    }

    private List<String> fish(String line) throws IOException {
        Need.requireProgram(Path.of("/usr/bin", "fish"));
        Path script = Files.writeString(directory.resolve("labeler.fish"), completion.fish());
        return output("fish", "--no-config", "-c", "source " + script + "; complete --do-complete '" + line + "'");
    }

    @Test
    void bash_completes_commands_options_names_files_and_formats() throws IOException {
        assertThat(bash("st")).containsExactlyInAnyOrder("start", "stop", "status");
        assertThat(bash("disk", "sn")).containsExactly("snapshot");
        assertThat(bash("stop", "--k")).containsExactly("--kill");
        assertThat(bash("status", "w")).containsExactly("web\\ 2", "web1");
        assertThat(bash("status", "--socket", "/none", "w")).containsExactly("");
        assertThat(bash("chain", "di")).containsExactly("disk.qcow2");
        assertThat(bash("chain", "--format", "qc")).containsExactlyInAnyOrder("qcow", "qcow2");
        assertThat(bash("chain", "--format", "=", "vh")).containsExactly("vhdx");
        assertThat(bash("status", "-o", "")).containsExactly("table", "json", "yaml", "name");
        assertThat(bash("hook", "install", "")).containsExactly("libvirt");
        assertThat(bash("disk", "commit", "d")).containsExactly("db1");
        assertThat(bash("run", "new", "--", "di")).contains("disk.qcow2");
        assertThat(bash("run", "w")).containsExactly("");
        assertThat(bash("cluster", "storage", "l")).containsExactly("list");
        assertThat(bash("cluster", "storage", "add", "w")).containsExactly("");
    }

    @Test
    void fish_completes_the_same() throws IOException {
        assertThat(fish("labeler st")).containsExactlyInAnyOrder("start", "stop", "status");
        assertThat(fish("labeler status w")).containsExactlyInAnyOrder("web1", "web 2");
        assertThat(fish("labeler chain --format qc")).containsExactlyInAnyOrder("qcow", "qcow2");
        assertThat(fish("labeler chain di")).containsExactly("disk.qcow2");
        assertThat(fish("labeler stop --k")).containsExactly("--kill");
    }

    @Test
    void zsh_completes_the_same() throws IOException {
        Need.requireProgram(Path.of("/usr/bin", "zsh"));
        Path script = Files.writeString(directory.resolve("_labeler"), completion.zsh());
        // Without a terminal: what would be offered is printed.
        String before = "compdef() { :; }; compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- $@ }; "
                + "_files() { print FILES }; source " + script + "; ";
        assertThat(output("zsh", "-f", "-c", before + "words=(labeler status w); CURRENT=3; _labeler"))
                .containsExactly("db1", "web 2", "web1");
        assertThat(output("zsh", "-f", "-c", before + "words=(labeler disk sn); CURRENT=3; _labeler"))
                .contains("snapshot", "attach");
        assertThat(output("zsh", "-f", "-c", before + "words=(labeler chain x); CURRENT=3; _labeler"))
                .containsExactly("FILES");
        assertThat(output("zsh", "-f", "-c", before + "words=(labeler chain --format q); CURRENT=4; _labeler"))
                .contains("qcow2", "vhdx");
        assertThat(output("zsh", "-n", script.toString())).isEmpty();
    }
}
