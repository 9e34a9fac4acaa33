package labeler.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import labeler.arguments.RawArguments;
import labeler.linux.HostPath;

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
        if (contains(name, '/')) {
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

    private static boolean contains(byte[] bytes, char wanted) {
        for (byte b : bytes) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }

    /** {@code NAME=value} entries as this process got them (/proc/self/environ). */
    public static List<byte[]> environment() {
        byte[] all;
        try {
            all = Files.readAllBytes(Path.of("/proc/self/environ"));
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self/environ cannot be read", e);
        }
        List<byte[]> entries = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == 0) {
                entries.add(Arrays.copyOfRange(all, begin, i));
                begin = i + 1;
            }
        }
        return entries;
    }
}
