package labeler.adoption;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.problem.IoReason;

/**
 * The names under which libvirt starts labeler-emulator. A name is the directory and the path of the program in whose
 * place it stands, so that neither it nor a release has to remember anything:
 * {@code /etc/labeler/emulators/usr/bin/qemu-system-x86_64}.
 *
 * @param directory of the names; its own last name is {@code emulators}, by which the program finds the path
 */
public record EmulatorNames(HostPath directory) {
    public static final EmulatorNames SYSTEM = new EmulatorNames(HostPath.of("/etc/labeler/emulators"));

    /** No program's: their paths begin with a directory. */
    private static final String LOCK = ".lock";

    /** A link that is about to get its name. */
    private static final String NEW = ".new";

    private static final Set<PosixFilePermission> FOR_ROOT = PosixFilePermissions.fromString("rw-------");

    /** libvirt asks qemu for its capabilities as an unprivileged user. */
    private static final Set<PosixFilePermission> FOR_ALL = PosixFilePermissions.fromString("rwxr-xr-x");

    /**
     * Waits until no other command changes definitions on this host. Two that read and write at one time would undo each
     * other's work.
     */
    Closeable alone() throws IOException {
        Path lock = directory.jdkPath().resolve(LOCK);
        try {
            makeDirectories(directory);
            return locked(lock);
        } catch (IOException e) {
            throw new IOException(HostPath.of(lock) + ": " + IoReason.of(e), e);
        }
    }

    /** Closing the file ends the lock, as the end of the process does. */
    private static FileChannel locked(Path lock) throws IOException {
        FileChannel file = FileChannel.open(
                lock,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(FOR_ROOT));
        try {
            FileLock _ = file.lock();
            return file;
        } catch (IOException | OverlappingFileLockException e) {
            file.close();
            throw e;
        }
    }

    /** The name for a program. */
    HostPath of(HostPath program) {
        return HostPath.of(directory.printable() + program.printable());
    }

    /** The program in whose place a name stands; empty if it is no such name. */
    Optional<HostPath> program(HostPath name) {
        String prefix = directory.printable() + "/";
        return name.printable().startsWith(prefix)
                ? Optional.of(HostPath.of(name.printable().substring(prefix.length() - 1)))
                : Optional.empty();
    }

    /**
     * Makes the name lead to labeler-emulator. A domain that starts at this moment finds it as it was or as it is.
     *
     * @param emulator in full: libvirt starts it from another directory
     */
    void make(HostPath name, Path emulator) throws IOException {
        Path link = name.jdkPath();
        makeDirectories(name.parent());
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(emulator)) {
            return;
        }
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(link)) {
            throw new IOException(name + " is no link of labeler's; move it away first");
        }
        Path fresh = directory.jdkPath().resolve(NEW);
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, emulator);
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE);
    }

    /** With the mode that they need, whatever the umask. */
    private static void makeDirectories(HostPath wanted) throws IOException {
        Path path = wanted.jdkPath();
        if (Files.isDirectory(path)) {
            return;
        }
        makeDirectories(wanted.parent());
        try {
            Files.createDirectory(path);
        } catch (FileAlreadyExistsException e) {
            // Another command has made it at the same moment.
            if (!Files.isDirectory(path)) {
                throw e;
            }
        }
        Files.setPosixFilePermissions(path, FOR_ALL);
    }
}
