package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.HostileInputs;
import labeler.chain.testing.HostileWalks;
import labeler.chain.testing.ImageDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The heap that an answer takes. This is exact, while times are not. */
class MemoryTest {
    private static final int MEBIBYTES = 4;

    /**
     * The most that a walk may allocate for one image in total: most of it is garbage at once, as the other test shows.
     */
    private static final long ONE_IMAGE = 16L << 20;

    @TempDir
    private Path directory;

    @Test
    void any_hostile_input_is_answered_in_four_mebibytes() throws IOException, InterruptedException {
        HostileInputs.write(new ImageDirectory(directory));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx24m",
                        "-XX:MaxDirectMemorySize=" + MEBIBYTES + "m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostileWalks.class.getName(),
                        directory.toString(),
                        "memory",
                        Integer.toString(MEBIBYTES))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        String output = Files.readString(directory.resolve("output"));
        assertThat(process.exitValue()).as(output).isZero();
        // Without ballast there was more memory than stated.
        assertThat(output).containsPattern("[0-9]+ inputs, [1-9][0-9]+ pieces of ballast");
    }

    @Test
    void a_single_image_has_little_allocated_for_it() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ImageDirectory images = new ImageDirectory(directory);
        List<HostileInputs.Input> inputs = HostileInputs.write(images);
        for (HostileInputs.Input input : inputs) {
            for (int walk = 0; walk < 2; walk++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                int files;
                try (Chain<DirectoryOpener.OpenedFile> chain =
                        images.walk(ImageDirectory.request(input.name(), input.format()))) {
                    files = chain.nodes().size();
                }
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                // The first walk loads classes.
                assertThat(walk == 0 || files > 1 || allocated < ONE_IMAGE)
                        .as("%s: %d bytes", input, allocated)
                        .isTrue();
            }
        }
    }
}
