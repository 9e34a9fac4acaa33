package labeler.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Images with patterns in them, made and read by qemu's own programs. */
record TestImages(Path directory) {
    /** Larger than what a job copies before it minds its speed. */
    static final String SIZE = "64M";

    /** A base with one pattern, and an overlay with another over half of it. */
    static TestImages made(Path directory) {
        TestImages images = new TestImages(directory);
        run("qemu-img", "create", "-q", "-f", "qcow2", images.path("base"), SIZE);
        run("qemu-io", "-f", "qcow2", "-c", "write -P 11 0 56M", images.path("base"));
        images.overlay("top", "base");
        run("qemu-io", "-f", "qcow2", "-c", "write -P 22 4M 40M", images.path("top"));
        run("qemu-img", "convert", "-O", "raw", images.path("top"), images.path("expected"));
        return images;
    }

    void overlay(String name, String base) {
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", path(base), "-F", "qcow2", path(name));
    }

    String path(String name) {
        return directory.resolve(name).toString();
    }

    /** Whether an image is sound, and has the content that the disk had at first. */
    void assertAsBefore(String name, String format) {
        if (format.equals("qcow2")) {
            run("qemu-img", "check", "-q", "-f", format, path(name));
        }
        run("qemu-img", "compare", "-q", "-f", format, "-F", "raw", path(name), path("expected"));
    }

    static String run(String... command) {
        try {
            Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                    .redirectErrorStream(true)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.onExit().join().exitValue();
            assertThat(exitCode).as("%s: %s", String.join(" ", command), out).isZero();
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
