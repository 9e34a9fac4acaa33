package labeler.hook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.problem.Worded;
import org.apache.commons.io.IOUtils;

/**
 * The hook script in libvirt's directory: {@code qemu.d/labeler}, which libvirt runs since 6.5.0 beside the
 * administrator's own {@code qemu}. Files of others are never touched.
 */
public final class HookScript {
    public static final HostPath DEFAULT_DIRECTORY = HostPath.of("/etc/libvirt/hooks");

    private static final String RESOURCE = "/labeler/hook/libvirt-qemu.sh";

    /** Every version of the script has this line. No other file has it. */
    private static final String MARK = "# labeler: hook for libvirt";

    /** Much more than the size of any version. */
    private static final int MAXIMUM_SIZE = 64 << 10;

    private final HostPath hooks;
    private final HostPath name;
    private final Path directory;
    private final Path path;

    /** The state of the hook's file. */
    public enum State implements Worded {
        ABSENT("not installed"),
        CURRENT("installed"),
        /** Ours, of another version. */
        OUTDATED("installed, of another version; labeler hook install libvirt renews it"),
        FOREIGN("a file that is not labeler's");

        private final String words;

        State(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** The result of a change. */
    public sealed interface Change {}

    public record Done(String message) implements Change {}

    /** Refused, because the file there is not ours. */
    public record Foreign(String message) implements Change {}

    /** The hook below libvirt's directory of hooks. */
    public HookScript(HostPath directory) {
        this.hooks = directory;
        this.name = directory.child("qemu.d").child("labeler");
        this.path = name.jdkPath();
        this.directory = name.parent().jdkPath();
    }

    public HostPath path() {
        return name;
    }

    /**
     * The current state.
     *
     * @throws IOException if it cannot be read; as in all methods here, the message names it and the way out
     */
    public State state() throws IOException {
        try {
            return look();
        } catch (IOException e) {
            throw unusable(name, e);
        }
    }

    private State look() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return State.ABSENT;
        }
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.size(path) > MAXIMUM_SIZE) {
            return State.FOREIGN;
        }
        byte[] found = Files.readAllBytes(path);
        if (Arrays.equals(found, script())) {
            return Files.isExecutable(path) ? State.CURRENT : State.OUTDATED;
        }
        boolean marked = new String(found, StandardCharsets.ISO_8859_1).lines().anyMatch(MARK::equals);
        return marked ? State.OUTDATED : State.FOREIGN;
    }

    public Change install() throws IOException {
        return switch (state()) {
            case CURRENT -> new Done(name + ": installed already");
            case FOREIGN -> foreign();
            case ABSENT, OUTDATED -> {
                write();
                yield new Done(name + ": installed; restart libvirt's daemon, which looks for hooks when it starts");
            }
        };
    }

    public Change remove() throws IOException {
        return switch (state()) {
            case ABSENT -> new Done(name + ": not installed");
            case FOREIGN -> foreign();
            case CURRENT, OUTDATED -> {
                delete();
                yield new Done(name + ": removed");
            }
        };
    }

    private void delete() throws IOException {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw unusable(name, e);
        }
    }

    private Foreign foreign() {
        return new Foreign(name + " is not labeler's; move it away first");
    }

    private static IOException unusable(HostPath file, IOException reason) {
        return new IOException(
                file + ": " + IoReason.of(reason)
                        + "; libvirt must be installed and this run as root, or --hooks-dir name another directory",
                reason);
    }

    /** Writes the script in one step, so that libvirt never runs half of it. */
    private void write() throws IOException {
        try {
            makeDirectories();
            Path fresh = Files.createTempFile(directory, ".labeler", "");
            try {
                Files.write(fresh, script());
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            throw unusable(hooks, e);
        }
    }

    /** libvirt's packages always bring the parent of the hooks' directory, but not always the directory itself. */
    private void makeDirectories() throws IOException {
        for (Path made : List.of(hooks.jdkPath(), directory)) {
            if (!Files.isDirectory(made)) {
                Files.createDirectory(made);
            }
        }
    }

    /** The script of this build. */
    public static byte[] script() {
        try {
            return IOUtils.resourceToByteArray(RESOURCE);
        } catch (IOException e) {
            throw new IllegalStateException("the jar lacks " + RESOURCE, e);
        }
    }
}
