package labeler.server;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a package that is removed asks of a journal: the program and the service as processes of their own. */
@Timeout(180)
class JournalReportTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final String DEFINITION =
            "{\"argv\":[\"qemu\",\"-object\",\"rng-random,id=r,filename=/dev/urandom\"],\"workingDirectory\":\"/\"}";

    private final Path directory;
    private final Path socket;

    JournalReportTest(@TempDir Path directory) {
        this.directory = directory;
        this.socket = directory.resolve("run/labeler.sock");
    }

    /** The program's own lines of errors: the JVM's warnings do not count. */
    private record Run(int exitCode, String out, List<String> err) {}

    private Process launch(String... arguments) throws IOException {
        return launch(directory.resolve("out"), arguments);
    }

    private Process launch(Path out, String... arguments) throws IOException {
        return new ProcessBuilder(ServiceCommand.of(directory, socket, arguments))
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    private Run ask() throws IOException, InterruptedException {
        Process process = launch("--recorded");
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return new Run(
                process.exitValue(),
                Files.readString(directory.resolve("out")),
                Files.readAllLines(directory.resolve("err")).stream()
                        .filter(line -> line.startsWith("labelerd: "))
                        .toList());
    }

    private String post(String path, String body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            String request =
                    "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            return TestServer.readAll(channel);
        }
    }

    private Process service() throws IOException {
        Process process = launch();
        eventually("it answers", () -> {
            assertThat(process.isAlive())
                    .as(Files.readString(directory.resolve("err")))
                    .isTrue();
            return answers();
        });
        return process;
    }

    private boolean answers() {
        try {
            post("/v1/vms/none/stop", "");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void end(Process service) throws InterruptedException {
        service.destroy();
        assertThat(service.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void where_no_service_has_been_nothing_is_on_record_and_nothing_is_made() throws Exception {
        assertThat(ask()).isEqualTo(new Run(0, "", List.of()));
        assertThat(directory.resolve("state")).doesNotExist();
    }

    @Test
    void a_vm_is_on_record_until_it_has_ended() throws Exception {
        Process first = service();
        assertThat(post("/v1/vms/web1/start", DEFINITION)).startsWith("HTTP/1.1 200 ");
        end(first);
        assertThat(ask()).isEqualTo(new Run(1, "VM web1: holds 1 file\n", List.of()));

        Process second = service();
        assertThat(post("/v1/vms/web1/stop", "")).startsWith("HTTP/1.1 200 ");
        end(second);
        assertThat(ask()).isEqualTo(new Run(0, "", List.of()));
    }

    @Test
    void a_report_that_cannot_be_written_is_no_empty_one() throws Exception {
        Process service = service();
        assertThat(post("/v1/vms/web1/start", DEFINITION)).startsWith("HTTP/1.1 200 ");
        end(service);

        Process asked = launch(Path.of("/dev/full"), "--recorded");

        assertThat(asked.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(asked.exitValue()).isEqualTo(1);
        assertThat(Files.readString(directory.resolve("err")))
                .contains("labelerd: the list of records could not be written to standard output\n");
    }

    @Test
    void a_journal_that_cannot_be_read_counts_as_one_with_records() throws Exception {
        Files.createDirectories(directory.resolve("state"));
        Files.writeString(
                directory.resolve("state/journal.db"), "not a database, and longer than its header".repeat(9));

        Run run = ask();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).singleElement().asString().contains("damaged");
    }

    @Test
    void a_journal_in_use_counts_as_one_with_records() throws Exception {
        Process service = service();
        try {
            Run run = ask();

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .singleElement()
                    .asString()
                    .contains("another labelerd works with this state directory");
        } finally {
            end(service);
        }
    }
}
