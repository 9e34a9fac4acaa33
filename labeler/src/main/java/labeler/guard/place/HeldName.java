package labeler.guard.place;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A name for a socket in a directory that is held open. The owner of the directory may exchange what is in it, and put a link
 * in the directory's own place; nothing here is done to what such a link leads to.
 */
final class HeldName implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeldName.class);

    private static final int RANDOM_BYTES = 8;

    /** The bits of a mode that tell the kind of file, and theirs for a socket: inode(7). */
    private static final int FORMAT_MASK = 0170000;

    private static final int SOCKET = 0140000;

    /** The permissions of a directory that nobody else may enter. */
    private static final int OURS_ALONE = 0700;

    private final SafeOpen open;
    private final OpenedFile directory;
    private final HostPath place;

    private HeldName(SafeOpen open, OpenedFile directory, HostPath place) {
        this.open = open;
        this.directory = directory;
        this.place = place;
    }

    /** Whether the path has no {@code ..} in it: behind a link that leads anywhere. */
    static boolean isPlain(HostPath place) {
        return place.isAbsolute() && !new String(place.bytes(), StandardCharsets.ISO_8859_1).contains("/../");
    }

    /**
     * Finds the directory. The links on the way are root's, or those of the user who owns what they lead to.
     *
     * @throws IOException where there is none, with a reason
     */
    static HeldName of(SafeOpen open, HostPath place) throws IOException {
        if (!place.namesEntry()) {
            throw new IOException(place + " is no name for a socket");
        }
        return new HeldName(open, found(open, place.parent(), OpenRequest.NAMED_DIRECTORY), place);
    }

    private static OpenedFile found(SafeOpen open, HostPath path, OpenRequest request) throws IOException {
        return switch (open.find(path, request)) {
            case OpenedFile directory -> directory;
            case OpenRefusal refusal -> throw new IOException(path + ": " + refusal.detail());
        };
    }

    HostPath place() {
        return place;
    }

    /** The name, by the directory that is held. */
    Path path() {
        return in(directory, HostPath.of(place.lastName()));
    }

    private static Path in(OpenedFile directory, HostPath name) {
        return HostPath.of("/proc/self/fd/" + directory.descriptor().number())
                .child(name.bytes())
                .jdkPath();
    }

    boolean exists() {
        return Files.exists(path(), LinkOption.NOFOLLOW_LINKS);
    }

    boolean isSocket() throws IOException {
        Object mode = Files.getAttribute(path(), "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return mode instanceof Integer bits && (bits & FORMAT_MASK) == SOCKET;
    }

    /** Gives the name to a file. It must be on the same file system. */
    void giveTo(Path born) throws AtomicMoveNotSupportedException, IOException {
        Files.move(born, path(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Takes the file to another name, which must be on the same mount: systemd gives a unit's RuntimeDirectory= one of its own. */
    void move(Path to) throws IOException {
        try {
            Files.move(path(), to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(
                    place
                            + " is on another mount than the service's run directory; start qemu with a monitor below that",
                    e);
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(path());
    }

    /** What is done in a directory that nobody else may enter. */
    interface Work<T> {
        T in(Path directory) throws IOException;
    }

    /**
     * Does something in a new directory on the same file system, and removes that.
     *
     * @throws IOException also where the directory's owner has exchanged it before it was found
     */
    <T> T beside(Work<T> work) throws IOException {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        HostPath name = HostPath.of(".labeler-" + HexFormat.of().formatHex(random));
        Path made = Files.createDirectory(
                in(directory, name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (OpenedFile own = found(open, directory.realPath().child(name.bytes()), OpenRequest.DIRECTORY)) {
            if (!isOurs(own.status())) {
                throw new IOException(place.parent() + " is changed by its owner at the same time");
            }
            return work.in(
                    HostPath.of("/proc/self/fd/" + own.descriptor().number()).jdkPath());
        } finally {
            remove(made);
        }
    }

    /** The directory's owner may have put something into it, or in its place. That is the owner's to remove. */
    private void remove(Path made) {
        try {
            Files.deleteIfExists(made);
        } catch (IOException e) {
            LOG.warn("{}: {} stays there: {}", place.parent(), made.getFileName(), e.getMessage());
        }
    }

    private static boolean isOurs(FileStatus status) throws IOException {
        return status.mode() == OURS_ALONE
                && Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(status.uid());
    }

    @Override
    public void close() {
        directory.close();
    }
}
