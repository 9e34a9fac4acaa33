package labeler.vm.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Programs of this host that tests ask. */
final class InstalledQemu {
    static final String QEMU = "qemu-system-x86_64";
    private static final long SECONDS = 30;

    private InstalledQemu() {}

    /** Skips the test where a program is not installed, and says so; fails it where all must be there. */
    static void require(String program) {
        boolean installed = List.of(System.getenv("PATH").split(":", -1)).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        if (!installed && "1".equals(System.getenv("LABELER_TEST_REQUIRE_ALL"))) {
            Assertions.fail(program + " is not installed, and LABELER_TEST_REQUIRE_ALL=1");
        }
        Assumptions.assumeTrue(installed, program + " is not installed");
    }

    /** What it writes to standard output. */
    static String ask(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(QEMU));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            Assertions.fail(QEMU + " did not answer");
        }
        return answer;
    }

    /** Runs QMP commands on a qemu that does nothing else, and returns the last answer's line. */
    static List<String> qmp(List<String> commands) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        QEMU, "-M", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String all =
                "{\"execute\":\"qmp_capabilities\"}\n" + String.join("\n", commands) + "\n{\"execute\":\"quit\"}\n";
        // In a thread of its own: qemu stops reading where its answers are not read.
        Thread writer = Thread.ofVirtual().start(() -> write(process, all));
        try {
            List<String> answers = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            // The greeting and the first answer are not asked for.
            return answers.stream()
                    .filter(line -> line.startsWith("{\"return\"") || line.startsWith("{\"error\""))
                    .skip(1)
                    .limit(commands.size())
                    .toList();
        } finally {
            writer.join();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private static void write(Process process, String text) {
        try (var input = process.getOutputStream()) {
            input.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It has ended before it read all; what it answered tells.
            process.destroy();
        }
    }
}
