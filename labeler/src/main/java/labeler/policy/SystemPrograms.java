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

/** The programs of this system. They run as root, so only directories of root are searched, and not {@code $PATH}. */
public final class SystemPrograms implements Programs {
    private static final List<Path> DIRECTORIES =
            List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

    /** Often enough that nobody thinks it hangs. */
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
        Read<String> read = run(command, waiting, SystemPrograms::text);
        return new Ended(read.exitCode(), read.out(), read.err());
    }

    @Override
    public <T> Read<T> read(List<String> command, OutputReader<T> reader) throws IOException {
        return run(command, _ -> {}, reader);
    }

    private static <T> Read<T> run(List<String> command, Consumer<Duration> waiting, OutputReader<T> reader)
            throws IOException {
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
            CompletableFuture<T> out = reading(process.getInputStream(), reader);
            CompletableFuture<String> err = reading(process.getErrorStream(), SystemPrograms::text);
            await(process, waiting);
            return new Read<>(process.exitValue(), out.join(), err.join());
        } finally {
            process.destroy();
        }
    }

    private static String text(InputStream stream) throws IOException {
        return IOUtils.toString(stream, StandardCharsets.UTF_8);
    }

    private static <T> CompletableFuture<T> reading(InputStream stream, OutputReader<T> reader) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return reader.read(stream);
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
