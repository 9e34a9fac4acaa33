package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A server of an image, which is its export {@code x}, at a Unix socket. It takes any number of clients, again and again. */
final class NbdServer implements AutoCloseable {
    private final Process process;

    NbdServer(Path socket, Path image, String format) throws IOException {
        process = new ProcessBuilder(
                        "qemu-nbd",
                        "--persistent",
                        "--shared=0",
                        "--format=" + format,
                        "--socket=" + socket,
                        "--export-name=x",
                        image.toString())
                .inheritIO()
                .start();
        eventually("the server listens", () -> {
            if (!process.isAlive()) {
                throw new IOException("qemu-nbd has ended with " + process.exitValue());
            }
            return Files.exists(socket);
        });
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
