package labeler.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import labeler.arguments.RawArguments;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import labeler.problem.IoReason;

/** Finds programs as a shell does, and passes on the environment byte for byte. */
public final class ProgramSearch {
    /** The search path of execvp(3) in the C library if {@code $PATH} is not set. */
    private static final String DEFAULT_PATH = "/bin:/usr/bin";

    private ProgramSearch() {}

    /** The result of a search. */
    public sealed interface Result {}

    /** The program's absolute path. */
    public record Found(HostPath program) implements Result {}

    /** No such program can be executed; {@code message} is one line. */
    public record NotFound(String message) implements Result {}

    /** The program by its name, which is looked for in {@code $PATH} unless it has a slash. */
    public static Result find(byte[] name, Host host) {
        if (HostPath.parse(name).isEmpty()) {
            return noneInPath(name);
        }
        HostPath here = host.workingDirectory();
        if (KernelText.split(name, '/').size() > 1) {
            HostPath program = HostPath.of(name).from(here);
            return obstacle(program).<Result>map(NotFound::new).orElseGet(() -> new Found(program));
        }
        Optional<String> found = Optional.empty();
        for (String directory :
                host.environment().getOrDefault("PATH", DEFAULT_PATH).split(":", -1)) {
            HostPath base = directory.isEmpty() ? here : HostPath.of(RawArguments.bytes(directory));
            HostPath candidate = base.from(here).child(name);
            Optional<String> obstacle = obstacle(candidate);
            if (obstacle.isEmpty()) {
                return new Found(candidate);
            }
            if (found.isEmpty() && Files.isRegularFile(candidate.jdkPath())) {
                found = obstacle;
            }
        }
        // As a shell does: one that is there says more than that none is.
        return found.<Result>map(NotFound::new).orElseGet(() -> noneInPath(name));
    }

    private static NotFound noneInPath(byte[] name) {
        return new NotFound(RawArguments.printable(RawArguments.raw(name)) + ": no such program in $PATH");
    }

    /** Why this file is not to be executed, in one line. */
    private static Optional<String> obstacle(HostPath path) {
        Path file = path.jdkPath();
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                return Optional.of(path + ": not a regular file, so no program");
            }
            return Files.isExecutable(file)
                    ? Optional.empty()
                    : Optional.of(path + ": this user may not execute it; name qemu's own program");
        } catch (IOException e) {
            return Optional.of(path + ": " + IoReason.of(e));
        }
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
