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
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket at which clients of a guarded VM connect. It gets its owner and its mode in a directory of the service's, and
 * its name after that, so that nobody connects before and nothing else gets them.
 */
final class GuardedSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedSocket.class);

    /** Clients that have connected and are not yet served. */
    private static final int BACKLOG = 64;

    /** Empty for a name that is libvirt's. */
    private final Optional<HeldName> name;

    private final ServerSocketChannel channel;

    /** Device and inode of the socket, or what tells it from others. */
    private final Object identity;

    private final Runnable dropped;

    private final AtomicBoolean isRemoved = new AtomicBoolean();

    private GuardedSocket(Optional<HeldName> name, ServerSocketChannel channel, Object identity, Runnable dropped) {
        this.name = name;
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
        return new GuardedSocket(name, channel, identity, drop);
    }

    /**
     * One that an earlier service has left; empty if another file is in its place.
     *
     * @param name is the socket's then, which closes it
     * @param known the {@link #identity} that it had
     */
    static Optional<GuardedSocket> left(HeldName name, ServerSocketChannel channel, String known) throws IOException {
        if (!name.exists()) {
            return Optional.empty();
        }
        Object identity = identity(name.path());
        return identity.toString().equals(known)
                ? Optional.of(new GuardedSocket(Optional.of(name), channel, identity, () -> {}))
                : Optional.empty();
    }

    /**
     * Listens. A socket that is there already is replaced, as qemu does it.
     *
     * @param name is the socket's then, which closes it
     * @param nursery a directory that nobody else may enter
     * @param owner the user who may connect
     * @param group that may connect, too
     * @throws IOException where it cannot, with a reason
     */
    static GuardedSocket open(HeldName name, Path nursery, int owner, OptionalInt group) throws IOException {
        if (name.exists() && !name.isSocket()) {
            throw new IOException(name.place() + " is there and no socket; name another place, or remove it");
        }
        try {
            return bind(name, nursery, owner, group);
        } catch (AtomicMoveNotSupportedException e) {
            // Another file system: in a directory beside its place then.
            return name.beside(directory -> bind(name, directory, owner, group));
        }
    }

    private static GuardedSocket bind(HeldName name, Path nursery, int owner, OptionalInt group) throws IOException {
        Path born = nursery.resolve("new");
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
            name.giveTo(born);
            isOpen = true;
            return new GuardedSocket(Optional.of(name), channel, identity, () -> {});
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
    static GuardedSocket of(ServerSocketChannel channel) {
        return new GuardedSocket(Optional.empty(), channel, channel, () -> {});
    }

    /** Its place, for people. */
    String place() {
        return name.map(held -> held.place().printable()).orElse("libvirt's socket");
    }

    /** Waits for the next client. */
    SocketChannel accept() throws IOException {
        return channel.accept();
    }

    /** Listens no more, and removes the name, unless it leads elsewhere by now. A second call does nothing. */
    void remove() {
        if (!isRemoved.getAndSet(true)) {
            name.ifPresent(this::remove);
            dropped.run();
            close();
        }
    }

    private void remove(HeldName own) {
        try (own) {
            if (own.exists() && identity(own.path()).equals(identity)) {
                own.delete();
            }
        } catch (IOException e) {
            LOG.warn("{}: the socket cannot be removed: {}", own.place(), e.getMessage());
        }
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** As text. */
    String identity() {
        return identity.toString();
    }

    /** Accepts no more; the name stays, for the next service. Its directory is held as long as this process lives. */
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
}
