package labeler.listen;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import labeler.linux.HostPath;

/**
 * The name of the listening socket. The socket is bound in a directory that only root may enter, and renamed into place
 * when it has its mode and group. So nobody connects before, and a stale socket is replaced in one step.
 */
public final class SocketPlace {
    /** {@code S_IFMT} and {@code S_IFSOCK} of inode(7). */
    private static final int FORMAT_MASK = 0xF000;

    private static final int SOCKET = 0xC000;

    /** The longest name that the JDK binds, one less than {@code sun_path} of unix(7) holds beside its NUL. */
    private static final int MAXIMUM_NAME = 106;

    private final Path path;
    private final int ownUid;
    private final String first;
    private Path nursery;

    /** Device and inode of the socket that we published; empty before that. */
    private Optional<Object> published = Optional.empty();

    public SocketPlace(Path path, int ownUid) {
        this(path, ownUid, "socket");
    }

    /** @param first the socket's name before it has its own; SELinux can tell its type by that */
    public SocketPlace(Path path, int ownUid, String first) {
        this.path = path;
        this.ownUid = ownUid;
        this.first = first;
        this.nursery = path.resolveSibling("." + path.getFileName() + ".new");
    }

    /**
     * Whether the JDK can listen there. It decodes the name that it bound, and under {@code LC_ALL=C} it decodes only
     * ASCII. (As a client it takes any name.)
     */
    public static boolean isPossible(Path socket) {
        try {
            return Path.of(socket.toString()).equals(socket);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * The path to bind.
     *
     * @throws IOException if another service listens already, or the path is no socket
     */
    public Path prepare() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!isSocket(path)) {
                throw new IOException(
                        HostPath.of(path) + " is there and no socket; remove it, or choose another with --socket");
            }
            if (somebodyListens()) {
                throw new IOException(HostPath.of(path) + " is in use: another labelerd is running");
            }
        }
        HostPath name = HostPath.of(nursery.resolve(first));
        if (name.length() > MAXIMUM_NAME) {
            throw new IOException(HostPath.of(path) + ": " + (name.length() - MAXIMUM_NAME)
                    + " bytes longer than a socket's name may be here; choose another with --socket");
        }
        makeNursery();
        Path born = nursery.resolve(first);
        Files.deleteIfExists(born);
        return born;
    }

    /** Makes the directory. If another user has guessed its name and made it first, it is not used. */
    private void makeNursery() throws IOException {
        Set<PosixFilePermission> ours = PosixFilePermissions.fromString("rwx------");
        try {
            Files.createDirectory(nursery, PosixFilePermissions.asFileAttribute(ours));
        } catch (FileAlreadyExistsException e) {
            if (!isOurs(nursery)) {
                nursery = Files.createTempDirectory(
                        Objects.requireNonNull(path.toAbsolutePath().getParent()),
                        "." + path.getFileName() + ".",
                        PosixFilePermissions.asFileAttribute(ours));
                return;
            }
        }
        // The umask takes bits from the mode, and an old directory may have another mode.
        Files.setPosixFilePermissions(nursery, ours);
    }

    private boolean isOurs(Path directory) throws IOException {
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(ownUid);
    }

    /** Gives the bound socket its mode, its group and its name. */
    public void publish(Path born, OptionalInt gid) throws IOException {
        Files.setPosixFilePermissions(
                born, PosixFilePermissions.fromString(gid.isPresent() ? "rw-rw----" : "rw-------"));
        if (gid.isPresent()) {
            Files.setAttribute(born, "unix:gid", gid.getAsInt());
        }
        name(born);
    }

    /** The same for a socket at which every user may knock. */
    public void publishToAll(Path born) throws IOException {
        Files.setPosixFilePermissions(born, PosixFilePermissions.fromString("rw-rw-rw-"));
        name(born);
    }

    private void name(Path born) throws IOException {
        published = Optional.of(identity(born));
        Files.move(born, path, StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(nursery);
    }

    /** A name beside it that never belongs to a socket. */
    public Path unused() {
        return nursery.resolve("unused");
    }

    /**
     * Removes the name, unless it leads to another service's socket by now. To be called while our socket is open:
     * until then no other file gets its inode number.
     */
    public void remove() throws IOException {
        if (published.isPresent()
                && Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && identity(path).equals(published.get())) {
            Files.deleteIfExists(path);
        }
    }

    private static Object identity(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private boolean somebodyListens() {
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return true;
        } catch (IOException e) {
            // ECONNREFUSED: its owner has ended and left the name.
            return false;
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return mode instanceof Integer bits && (bits & FORMAT_MASK) == SOCKET;
    }
}
