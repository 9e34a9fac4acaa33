package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command that has run to its end, in bounded time. */
record Command(int exitCode, String out, String err) {
    /** On a loaded machine a JVM takes seconds to start. After this time a command hangs. */
    static final long LIMIT_SECONDS = 60;

    static Command run(Map<String, String> environment, List<String> command) throws IOException {
        return run(environment, command, new byte[0]);
    }

    static Command run(Map<String, String> environment, List<String> command, byte[] input) throws IOException {
        Path directory = Files.createTempDirectory("command");
        Path in = Files.write(directory.resolve("in"), input);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(await(process)).as("%s ends in time", command).isTrue();
            return new Command(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.ISO_8859_1),
                    new String(Files.readAllBytes(err), StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(in);
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
            Files.delete(directory);
        }
    }

    /** Runs a command that must succeed, and returns its output. */
    static String done(String... command) throws IOException {
        Command ended = run(Map.of(), List.of(command));
        assertThat(ended.exitCode())
                .as("%s: %s%s", String.join(" ", command), ended.out(), ended.err())
                .isZero();
        return ended.out();
    }

    static boolean await(Process process) {
        try {
            return process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The message for people, one line, without its end. */
    String line() {
        assertThat(err().lines().toList()).as("one line on stderr: %s", this).hasSize(1);
        return err().strip();
    }
}
