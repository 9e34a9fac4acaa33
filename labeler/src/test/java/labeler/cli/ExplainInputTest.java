package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import labeler.server.TestServer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log on standard input may have any length. What happened last is what is asked for. */
class ExplainInputTest {
    private final Path directory;

    @AutoClose
    private final TestServer server;

    ExplainInputTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
    }

    private static String denial(int second) {
        return "type=AVC msg=audit(" + second + ".123:7): avc:  denied  { read } for  pid=12 comm=\"qemu\" path=\"/vm/d"
                + second + ".qcow2\" dev=\"sda\" ino=5 scontext=system_u:system_r:svirt_t:s0:c1,c2"
                + " tcontext=system_u:object_r:svirt_image_t:s0:c3,c4 tclass=file permissive=0\n";
    }

    private CliProcess explain(CharSequence log) throws IOException {
        Path file = Files.writeString(directory.resolve("log"), log);
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" explain - <\"$log\"", "sh"));
        command.addAll(CliProcess.command());
        return CliProcess.execute(
                directory, Map.of("LABELER_SOCKET", server.socket().toString(), "log", file.toString()), command);
    }

    @Test
    void the_last_line_of_a_long_log_is_read() throws IOException {
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < 24_000; i++) {
            log.append("type=SYSCALL msg=audit(").append(i).append(".1:1): arch=c000003e syscall=257 ");
            log.append("x".repeat(100)).append('\n');
        }

        CliProcess explained = explain(log + denial(99_999));

        assertThat(explained.err()).isEmpty();
        assertThat(explained.out()).contains("/vm/d99999.qcow2");
        assertThat(explained.exitCode()).isZero();
    }

    @Test
    void of_too_many_denials_the_newest_are_explained_and_the_others_counted() throws IOException {
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            log.append(denial(i));
        }

        CliProcess explained = explain(log);

        assertThat(explained.out()).contains("/vm/d19999.qcow2");
        assertThat(explained.err()).contains("labeler: 15000 older lines of denials are left out\n");
    }
}
