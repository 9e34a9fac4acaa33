package labeler.guard.place;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket at which clients of a guarded VM connect. It gets its owner and its mode in a directory of the service's, and
 * its name after that, so that nobody connects before and no link leads it elsewhere.
 */
final class GuardedSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedSocket.class);

    /** Clients that have connected and are not yet served. */
    private static final int BACKLOG = 64;

    private final Path place;
    private final ServerSocketChannel channel;

    /** Device and inode of the socket. */
    private final Object identity;

    private final Runnable dropped;

    private GuardedSocket(Path place, ServerSocketChannel channel, Object identity, Runnable dropped) {
        this.place = place;
        this.channel = channel;
        this.identity = identity;
        this.dropped = dropped;
    }

    /**
     * One that outlives the service.
     *
     * @param drop ends that
     */
    GuardedSocket kept(Runnable drop) {
        return new GuardedSocket(place, channel, identity, drop);
    }

    /**
     * One that an earlier service has left; empty if another file is in its place.
     *
     * @param known the {@link #identity} that it had
     */
    static Optional<GuardedSocket> left(Path place, ServerSocketChannel channel, String known) throws IOException {
        if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Object identity = identity(place);
        return identity.toString().equals(known)
                ? Optional.of(new GuardedSocket(place, channel, identity, () -> {}))
                : Optional.empty();
    }

    /**
     * Listens. A socket that is there already is replaced, as qemu does it.
     *
     * @param nursery a directory that nobody else may enter
     * @param owner the user who may connect
     * @param group that may connect, too
     * @throws IOException where it cannot, with a reason
     */
    static GuardedSocket open(Path nursery, Path place, int owner, OptionalInt group) throws IOException {
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS) && !isSocket(place)) {
            throw new IOException(HostPath.of(place) + " is there and no socket; name another place, or remove it");
        }
        try {
            return bind(nursery.resolve("new"), place, owner, group);
        } catch (AtomicMoveNotSupportedException e) {
            // Another file system: beside its place then.
            return bind(place.resolveSibling("." + place.getFileName() + ".labeler"), place, owner, group);
        }
    }

    private static GuardedSocket bind(Path born, Path place, int owner, OptionalInt group) throws IOException {
        Files.deleteIfExists(born);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean isOpen = false;
        try {
            channel.bind(UnixDomainSocketAddress.of(born), BACKLOG);
            if (group.isPresent()) {
                Files.setAttribute(born, "unix:gid", group.getAsInt(), LinkOption.NOFOLLOW_LINKS);
            }
            Files.setAttribute(born, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
            Files.setPosixFilePermissions(
                    born, PosixFilePermissions.fromString(group.isPresent() ? "rw-rw----" : "rw-------"));
            Object identity = identity(born);
            Files.move(born, place, StandardCopyOption.ATOMIC_MOVE);
            isOpen = true;
            return new GuardedSocket(place, channel, identity, () -> {});
        } finally {
            if (!isOpen) {
                channel.close();
                Files.deleteIfExists(born);
            }
        }
    }

    /**
     * A socket that libvirt has made and listens at, and whose name stays libvirt's.
     *
     * @param channel accepts there
     */
    static GuardedSocket of(VmName vm, ServerSocketChannel channel) {
        return new GuardedSocket(Path.of("libvirts-monitor-of-" + vm.asFileName()), channel, channel, () -> {});
    }

    Path place() {
        return place;
    }

    /** Waits for the next client. */
    SocketChannel accept() throws IOException {
        return channel.accept();
    }

    /** Listens no more, and removes the name, unless it leads elsewhere by now. */
    void remove() {
        try {
            if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)
                    && identity(place).equals(identity)) {
                Files.deleteIfExists(place);
            }
        } catch (IOException e) {
            LOG.warn("{}: the socket cannot be removed: {}", HostPath.of(place), e.getMessage());
        }
        dropped.run();
        close();
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** As text. */
    String identity() {
        return identity.toString();
    }

    /** Accepts no more; the name stays, for the next service. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing a socket", e);
        }
    }

    private static Object identity(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Neither a file nor a directory nor a link: JDK and kernel name nothing else that can be bound. */
    private static boolean isSocket(Path place) throws IOException {
        return Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther();
    }
}
