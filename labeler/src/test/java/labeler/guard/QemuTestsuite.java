package labeler.guard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import labeler.needs.Need;

/**
 * The source of the qemu that is installed, with its own tests.
 *
 * @param source its directory
 */
public record QemuTestsuite(Path source) {
    public static final String DEV =
            Path.of("../dev").toAbsolutePath().normalize().toString();

    /** What a program wrote, and its status. */
    public record Ended(String output, int status) {}

    /** Where it cannot be fetched, the test is skipped; not where all has to run. */
    public static QemuTestsuite fetched() throws IOException {
        Ended fetched = run(Map.of(), DEV, "iotests", "--fetch");
        Need.require(fetched.status == 0, "needs the source of the installed qemu: " + fetched.output);
        return new QemuTestsuite(Path.of(fetched.output.lines().reduce("", (_, last) -> last)));
    }

    /** Runs a program to its end. */
    public static Ended run(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        try (InputStream output = process.getInputStream()) {
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
            return new Ended(text, process.onExit().join().exitValue());
        }
    }

    /** The directory of its tests. */
    public Path tests() {
        return source.resolve("tests/qemu-iotests");
    }
}
