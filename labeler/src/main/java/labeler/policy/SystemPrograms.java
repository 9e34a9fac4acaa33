package labeler.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.commons.io.IOUtils;

/** This system's. They run as root, so they are looked for where only root installs, and not in {@code $PATH}. */
public final class SystemPrograms implements Programs {
    private static final List<Path> DIRECTORIES =
            List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

    /** Often enough that nobody takes it for hanging. */
    private static final Duration TELL_EVERY = Duration.ofSeconds(5);

    @Override
    public boolean isInstalled(String name) {
        return find(name).isPresent();
    }

    private static Optional<Path> find(String name) {
        return DIRECTORIES.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    public Ended run(List<String> command, Consumer<Duration> waiting) throws IOException {
        Path program =
                find(command.getFirst()).orElseThrow(() -> new IOException(command.getFirst() + " is not installed"));
        List<String> resolved = new ArrayList<>(command);
        resolved.set(0, program.toString());
        ProcessBuilder builder =
                new ProcessBuilder(resolved).redirectInput(Path.of("/dev/null").toFile());
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"));
        Process process = builder.start();
        try {
            CompletableFuture<String> out = reading(process.getInputStream());
            CompletableFuture<String> err = reading(process.getErrorStream());
            await(process, waiting);
            return new Ended(process.exitValue(), out.join(), err.join());
        } finally {
            process.destroy();
        }
    }

    private static CompletableFuture<String> reading(InputStream stream) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return IOUtils.toString(stream, StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                Thread::startVirtualThread);
    }

    private static void await(Process process, Consumer<Duration> waiting) throws IOException {
        Duration waited = Duration.ZERO;
        try {
            while (!process.waitFor(TELL_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                waited = waited.plus(TELL_EVERY);
                waiting.accept(waited);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "interrupted while " + process.info().command() + " was running");
        }
    }
}
