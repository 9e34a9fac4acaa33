package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import labeler.needs.Need;

/**
 * A FUSE file system whose server never reads a request, mounted over a directory. Every lookup there waits until it is
 * closed.
 */
final class SilentFuse implements AutoCloseable {
    private static final String MOUNT = "exec 3<>/dev/fuse"
            + " && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 \"$2\" \"$1\" && echo mounted && read -r _";

    private final Path directory;
    private final String name;
    private final Process server;

    private SilentFuse(Path directory, String name, Process server) {
        this.directory = directory;
        this.name = name;
        this.server = server;
    }

    static SilentFuse over(Path directory) throws IOException {
        Machine.requireRootAnd("mount", "umount");
        Need.require(Files.exists(Path.of("/dev/fuse")), "needs FUSE in the kernel");
        String name = "silent-" + UUID.randomUUID();
        Process server = new ProcessBuilder("bash", "-c", MOUNT, "bash", directory.toString(), name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] said = server.getInputStream().readNBytes("mounted\n".length());
        assertThat(new String(said, StandardCharsets.US_ASCII)).isEqualTo("mounted\n");
        return new SilentFuse(directory, name, server);
    }

    Path directory() {
        return directory;
    }

    /** The connection ends with its last descriptor, and every waiting call fails. */
    @Override
    public void close() throws IOException {
        server.getOutputStream().close();
        assertThat(Command.await(server)).isTrue();
        Command.done("umount", "-l", mountPoint());
    }

    /** The current mount point: the directory may have been moved. */
    private String mountPoint() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" " + name + " "))
                .map(line -> line.split(" ", -1)[4])
                .findFirst()
                .orElseThrow();
    }
}
