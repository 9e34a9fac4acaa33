package labeler.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import labeler.lifecycle.StartRequest;
import labeler.server.TestServer;
import labeler.vm.qemu.option.QemuCommandLine;

/** Two services that are asked the same: one by the script with curl, one by the JVM. */
final class AskedServices implements AutoCloseable {
    private static final Path DIST = Path.of("target/dist").toAbsolutePath();
    private static final long LIMIT_SECONDS = 60;

    /** Both run in directories of the same name, so that the answers have the same paths. */
    private final Path curlPlace;

    private final Path jvmPlace;
    private final TestServer curl;
    private final TestServer jvm;

    private static final String PROGRESS = "\r\u001b\\[K(waiting for the service[^\r]*)?";

    /** The end of a command. A fault of the service has a number of its own. */
    record Ran(int exitCode, String out, String err) {}

    /** How a command goes. */
    enum Way {
        /** By the script, with no Java that it could use. */
        CURL,
        /** By the script, which may use Java. */
        EITHER,
        JVM;

        private Map<String, String> environment() {
            String java = System.getProperty("java.home");
            return switch (this) {
                case CURL -> Map.of("LABELER_JAVA_HOME", "/nonexistent");
                case EITHER -> Map.of("LABELER_JAVA_HOME", java);
                case JVM -> Map.of("LABELER_JAVA_HOME", java, "LABELER_JAVA_OPTIONS", "-Dlabeler.way=jvm");
            };
        }
    }

    AskedServices(Path directory) throws IOException {
        curlPlace = Files.createDirectories(directory.resolve("c"));
        jvmPlace = Files.createDirectories(directory.resolve("j"));
        curl = TestServer.start(curlPlace);
        jvm = TestServer.start(jvmPlace);
    }

    TestServer curl() {
        return curl;
    }

    TestServer jvm() {
        return jvm;
    }

    /**
     * Runs a script, in which {@code $labeler} is the command and {@code "$place"} its directory.
     *
     * @param variables of the environment, beside the usual ones
     */
    Ran run(Way way, String script, Map<String, String> variables) throws IOException, InterruptedException {
        Path place = way == Way.JVM ? jvmPlace : curlPlace;
        TestServer server = way == Way.JVM ? jvm : curl;
        Map<String, String> environment = new HashMap<>(way.environment());
        environment.put("LABELER_SOCKET", server.socket().toString());
        environment.put("labeler", DIST.resolve("bin/labeler").toString());
        environment.put("place", place.toString());
        environment.putAll(variables);
        return execute(place, environment, List.of("sh", "-c", script));
    }

    Ran run(Way way, String script) throws IOException, InterruptedException {
        return run(way, script, Map.of());
    }

    private static Ran execute(Path place, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("out", "");
        Path err = Files.createTempFile("err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(place.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        Ran ran = new Ran(process.exitValue(), text(out, place), text(err, place));
        Files.delete(out);
        Files.delete(err);
        return ran;
    }

    private static String text(Path file, Path place) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1)
                .replace(place.toString(), "PLACE")
                // On a terminal, while it waits for longer than a second: the JVM shows a moving bar, the script the
                // time.
                .replaceAll(PROGRESS, "")
                .replaceAll("beside the number [0-9a-f]{8}", "beside the number N");
    }

    /** The starts that a service was asked for, each with its command line in bytes. */
    static List<String> starts(TestServer server) {
        return server.lifecycle().starts().stream().map(AskedServices::text).toList();
    }

    private static String text(StartRequest start) {
        StringBuilder text = new StringBuilder();
        text.append(start.name()).append(' ').append(start.owner()).append(' ').append(start.level());
        text.append(' ').append(start.pid()).append(' ').append(start.launch());
        start.commandLine().ifPresent(line -> text.append(text(line)));
        return text.toString();
    }

    private static String text(QemuCommandLine line) {
        StringBuilder text =
                new StringBuilder(" in " + line.workingDirectory().toString().replaceFirst(".*/[cj]\\b", "PLACE"));
        line.argv().forEach(argument -> text.append('\n').append(new String(argument, StandardCharsets.ISO_8859_1)));
        return text.toString();
    }

    @Override
    public void close() {
        curl.close();
        jvm.close();
    }
}
