package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import labeler.needs.Need;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The images of a rehearsal, as qemu reads them. */
final class EmptyImagesTest {
    private static final Path QEMU_IMG = Path.of("/usr/bin/qemu-img");

    @TempDir
    private Path directory;

    @Test
    void a_chain_is_one_for_qemu() throws Exception {
        Need.requireProgram(QEMU_IMG);
        Path top = EmptyImages.chain(directory, "disk", 3);
        assertThat(info(top).lines())
                .filteredOn(line -> line.startsWith("image: ") || line.equals("backing file format: qcow2"))
                .hasSize(3 + 2);
    }

    private static String info(Path image) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(QEMU_IMG.toString(), "info", "--backing-chain", image.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
