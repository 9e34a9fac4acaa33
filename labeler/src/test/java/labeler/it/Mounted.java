package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import labeler.needs.Need;

/** A file system mounted for a test, and unmounted in any case. */
final class Mounted implements AutoCloseable {
    private static final int ROUNDS_OF_A_FULL_ONE = 5;

    private final Path directory;

    private Mounted(Path directory) {
        this.directory = directory;
    }

    /** An ext4 of that many bytes in a file beside the directory. */
    static Mounted ext4(Path directory, long bytes, String... options) throws IOException {
        Machine.requireLoopDevices();
        Files.createDirectories(directory);
        Path image = directory.resolveSibling(directory.getFileName() + ".img");
        Command.done("truncate", "-s", Long.toString(bytes), image.toString());
        List<String> make = new ArrayList<>(List.of("mkfs.ext4", "-q", "-F", "-m", "0"));
        make.addAll(List.of(options));
        make.add(image.toString());
        Command.done(make.toArray(String[]::new));
        return again(directory);
    }

    /** The file system of an earlier {@link #ext4}, mounted again. */
    static Mounted again(Path directory) throws IOException {
        Path image = directory.resolveSibling(directory.getFileName() + ".img");
        return mount(directory, "-o", "loop", image.toString());
    }

    /** A file system without any attributes. */
    static Mounted ramfs(Path directory) throws IOException {
        Machine.requireRootAnd("mount", "umount");
        Need.require(Files.readString(Path.of("/proc/filesystems")).contains("\tramfs\n"), "needs ramfs in the kernel");
        Files.createDirectories(directory);
        return mount(directory, "-t", "ramfs", "ramfs");
    }

    static Mounted tmpfs(Path directory) throws IOException {
        Machine.requireRootAnd("mount", "umount");
        Files.createDirectories(directory);
        return mount(directory, "-t", "tmpfs", "tmpfs");
    }

    /** With room for a few blocks. */
    static Mounted small(Path directory) throws IOException {
        Machine.requireRootAnd("mount", "umount");
        Files.createDirectories(directory);
        return mount(directory, "-t", "tmpfs", "-o", "size=64k", "tmpfs");
    }

    /** An overlay of two directories beside it, as containers have for their root: NAME.lower and NAME.upper. */
    static Mounted overlay(Path directory) throws IOException {
        Machine.requireRootAnd("mount", "umount");
        Need.require(
                Files.readString(Path.of("/proc/filesystems")).contains("\toverlay\n"),
                "needs overlayfs in the kernel");
        Files.createDirectories(directory);
        Path lower = Files.createDirectories(lower(directory));
        Path upper = Files.createDirectories(directory.resolveSibling(directory.getFileName() + ".upper"));
        Path work = Files.createDirectories(directory.resolveSibling(directory.getFileName() + ".work"));
        return mount(
                directory,
                "-t",
                "overlay",
                "-o",
                "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work,
                "overlay");
    }

    static Path lower(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".lower");
    }

    private static Mounted mount(Path directory, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(options));
        command.add(directory.toString());
        Command.done(command.toArray(String[]::new));
        return new Mounted(directory);
    }

    Path directory() {
        return directory;
    }

    void remount(String option) throws IOException {
        Command.done("mount", "-o", "remount," + option, directory.toString());
    }

    /** Writes a file until no block is left; deleting it makes room again. */
    Path fill() throws IOException {
        Path filler = Files.createFile(directory.resolve("filler"));
        // What was in memory only takes fewer blocks on the disk than were kept for it, and what a commit frees is free
        // a
        // little later: full is what stays full.
        int fullRounds = 0;
        while (fullRounds < ROUNDS_OF_A_FULL_ONE) {
            fullRounds = writeUntilFull(filler) > 0 ? 0 : fullRounds + 1;
            Command.done("sync", "-f", directory.toString());
            ServiceFixture.pause(100);
        }
        return filler;
    }

    private static int writeUntilFull(Path filler) throws IOException {
        int written = 0;
        byte[] block = new byte[1024];
        try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.APPEND)) {
            while (true) {
                out.write(block);
                written++;
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
        return written;
    }

    @Override
    public void close() {
        try {
            Command ended = Command.run(Map.of(), List.of("umount", directory.toString()));
            if (ended.exitCode() != 0) {
                // A file is open there. Then at least the name goes now, and the rest with the last descriptor.
                Command.done("umount", "-l", directory.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
