package labeler.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import labeler.server.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classes that a command loads tell how long it takes, whatever else the machine does. */
class LoadedClassesIT {
    private static final Path DIST = Path.of("target/dist").toAbsolutePath();

    /** The JVM loads all of an archive at its start, so this also says how large that is. */
    private static final int MOST = 3_000;

    private static final int MOST_OTHERS = 16;

    @TempDir
    Path directory;

    private List<String> loaded(String... arguments) throws IOException, InterruptedException {
        Path log = directory.resolve("classes");
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of(DIST.resolve("bin/labeler").toString()), Stream.of(arguments))
                        .toList());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("LABELER_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LABELER_JAVA_OPTIONS", "-Xlog:class+load:file=" + log + "::filecount=0");
        assertThat(builder.start().waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readAllLines(log);
    }

    /** Those that the JVM has to find, to verify and to link, or even to make. */
    private static List<String> others(List<String> classes) {
        return classes.stream()
                .filter(line -> !line.contains("shared objects file"))
                .toList();
    }

    @Test
    void a_status_loads_its_classes_from_the_archive() throws Exception {
        try (TestServer server = TestServer.start(directory)) {
            List<String> classes = loaded("status", "--socket", server.socket().toString());

            assertThat(classes).hasSizeBetween(1_000, MOST);
            assertThat(others(classes)).hasSizeLessThan(MOST_OTHERS);
        }
    }

    /** The others are annotations of JNA, which are read by proxies. */
    @Test
    void a_chain_loads_its_classes_from_the_archive() throws Exception {
        Path image = Files.write(directory.resolve("image.qcow2"), emptyImage());

        List<String> classes = loaded("chain", image.toString());

        assertThat(classes).hasSizeBetween(1_000, MOST);
        assertThat(others(classes)).hasSizeLessThan(MOST_OTHERS);
    }

    /** https://www.qemu.org/docs/master/interop/qcow2.html: version 3, clusters of 64 KiB, one entry in the first table. */
    private static byte[] emptyImage() {
        return ByteBuffer.allocate(256 << 10)
                .putInt(0x514649fb)
                .putInt(3)
                .putLong(0)
                .putInt(0)
                .putInt(16)
                .putLong(1 << 20)
                .putInt(0)
                .putInt(1)
                .putLong(3 << 16)
                .putLong(1 << 16)
                .putInt(1)
                .putInt(0)
                .putLong(0)
                .putLong(0)
                .putLong(0)
                .putLong(0)
                .putInt(4)
                .putInt(104)
                .array();
    }
}
