package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A FUSE file system whose server never reads a request, mounted over a directory: whoever looks anything up there waits
 * until it is closed.
 */
final class SilentFuse implements AutoCloseable {
    private static final String MOUNT = "exec 3<>/dev/fuse"
            + " && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 silent \"$1\" && echo mounted && read -r _";

    private final Path directory;
    private final Process server;

    private SilentFuse(Path directory, Process server) {
        this.directory = directory;
        this.server = server;
    }

    static SilentFuse over(Path directory) throws IOException {
        Machine.requireRootAnd("mount", "umount");
        Machine.require(Files.exists(Path.of("/dev/fuse")), "needs FUSE in the kernel");
        Process server = new ProcessBuilder("bash", "-c", MOUNT, "bash", directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        byte[] said = server.getInputStream().readNBytes("mounted\n".length());
        assertThat(new String(said, StandardCharsets.US_ASCII)).isEqualTo("mounted\n");
        return new SilentFuse(directory, server);
    }

    Path directory() {
        return directory;
    }

    /** With its last descriptor the connection ends, and every call that waits for it fails. */
    @Override
    public void close() throws IOException {
        server.getOutputStream().close();
        assertThat(Command.await(server)).isTrue();
        Command.done("umount", "-l", directory.toString());
    }
}
