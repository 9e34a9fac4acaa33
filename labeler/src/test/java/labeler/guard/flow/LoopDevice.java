package labeler.guard.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.needs.Need;

/** A block device of this kernel over a file of its own. It has a node beside the images: those in /dev outlive a test. */
public final class LoopDevice implements AutoCloseable {
    private final RandomAccessFile open;

    /**
     * Makes it.
     *
     * @param file that has its content: zeros at first, whatever was in it
     * @param size in bytes
     * @param node made as well; no device is to be opened by it where the file system is mounted without devices
     */
    public LoopDevice(Path file, long size, Path node) throws IOException {
        Need.require(Files.exists(Path.of("/dev/loop-control")), "needs loop devices (modprobe loop)");
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.setLength(0);
            content.setLength(size);
        }
        String device = run("losetup", "--find", "--show", file.toString());
        this.open = new RandomAccessFile(device, "r");
        // It ends when nobody has it open any more, also where the test is killed.
        run("losetup", "--detach", device);
        run("cp", "-R", device, node.toString());
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.onExit().join().exitValue())
                .as("%s: %s", String.join(" ", command), said)
                .isZero();
        return said;
    }

    @Override
    public void close() throws IOException {
        open.close();
    }
}
