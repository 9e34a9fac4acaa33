package labeler.vm.qemu.option;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import labeler.needs.Need;
import org.junit.jupiter.api.Assertions;

/** Programs of this host that tests ask. */
public final class InstalledQemu {
    public static final String QEMU = "qemu-system-x86_64";
    private static final String CAPABILITIES = "{\"execute\":\"qmp_capabilities\"}";
    private static final String QUIT = "{\"execute\":\"quit\"}";
    /** Much longer than any answer takes, on any machine. */
    private static final long HANG_SECONDS = 120;

    private InstalledQemu() {}

    /** Skips the test if a program is not installed, and says so. Fails it if all must be there. */
    public static void require(String program) {
        boolean installed = List.of(System.getenv("PATH").split(":", -1)).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        Need.require(installed, program + " is not installed");
    }

    /** Its standard output. */
    static String ask(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(QEMU));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        CompletableFuture<?> limit = killedWhereItHangs(process);
        process.getOutputStream().close();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        Assertions.assertTrue(limit.cancel(false), () -> command + " hung");
        return answer;
    }

    /** Runs QMP commands on a qemu that does nothing else, and returns the line of each answer, in their order. */
    public static List<String> qmp(List<String> commands) throws IOException, InterruptedException {
        return qmp(List.of(QEMU, "-M", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio"), commands);
    }

    /** The same for a program in place of a qemu. */
    static List<String> qmp(List<String> program, List<String> commands) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(program)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        CompletableFuture<?> limit = killedWhereItHangs(process);
        // In a thread of its own: qemu stops reading if nobody reads its answers.
        String questions = CAPABILITIES + "\n" + String.join("\n", commands) + "\n";
        Thread writer = Thread.ofVirtual().start(() -> write(process, questions));
        // The first answer is the one to CAPABILITIES.
        List<String> answers = new ArrayList<>();
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            while (answers.size() < 1 + commands.size()) {
                String line = output.readLine();
                if (line == null) {
                    break;
                }
                if (line.startsWith("{\"return\"") || line.startsWith("{\"error\"")) {
                    answers.add(line);
                }
            }
            writer.join();
            // Only now: qemu drops unread answers when it quits.
            write(process, QUIT + "\n");
            output.transferTo(Writer.nullWriter());
            process.waitFor();
        } finally {
            limit.cancel(false);
            process.destroyForcibly();
        }
        if (answers.size() < 1 + commands.size()) {
            Assertions.fail("%s ended with status %d after %d answers to %d questions"
                    .formatted(program.getFirst(), process.exitValue(), answers.size(), 1 + commands.size()));
        }
        return answers.subList(1, answers.size());
    }

    private static void write(Process process, String text) {
        try {
            process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            // It has ended before it read all. The number of its answers shows that.
            return;
        }
    }

    /** Kills a program that hangs, so that its output ends and the test fails. */
    private static CompletableFuture<?> killedWhereItHangs(Process process) {
        return CompletableFuture.runAsync(
                process::destroyForcibly, CompletableFuture.delayedExecutor(HANG_SECONDS, TimeUnit.SECONDS));
    }
}
