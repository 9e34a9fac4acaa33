package labeler.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.arguments.RawArguments;
import labeler.linux.HostPath;
import labeler.linux.KernelText;

/** Finds programs as a shell does, and passes on the environment as it came, byte for byte. */
public final class ProgramSearch {
    /** execvp(3) of the C library, where {@code $PATH} is not set. */
    private static final String DEFAULT_PATH = "/bin:/usr/bin";

    private ProgramSearch() {}

    /** The program's absolute path; empty if there is none that can be executed. */
    public static Optional<HostPath> find(byte[] name, Host host) {
        Optional<HostPath> given = HostPath.parse(name);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        if (KernelText.split(name, '/').size() > 1) {
            return given.map(path -> path.from(host.workingDirectory())).filter(ProgramSearch::isExecutable);
        }
        for (String directory :
                host.environment().getOrDefault("PATH", DEFAULT_PATH).split(":", -1)) {
            HostPath base = directory.isEmpty() ? host.workingDirectory() : HostPath.of(RawArguments.bytes(directory));
            HostPath candidate = base.from(host.workingDirectory()).child(name);
            if (isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static boolean isExecutable(HostPath path) {
        Path file = path.jdkPath();
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    /** {@code NAME=value} entries as this process got them (/proc/self/environ). */
    public static List<byte[]> environment() {
        try {
            return KernelText.strings(Files.readAllBytes(Path.of("/proc/self/environ")));
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self/environ cannot be read", e);
        }
    }
}
