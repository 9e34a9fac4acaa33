package labeler.guard.place;

import jakarta.inject.Inject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.config.ServiceConfig;
import labeler.journal.VmRecord;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import labeler.listen.DescriptorStore;
import labeler.mcs.ProcessContexts;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real monitors of guarded VMs, each in a directory that only the service may enter. The service binds the socket
 * and does not listen; qemu inherits it and does. So whoever is reached there is qemu.
 */
final class RealMonitors {
    private static final Logger LOG = LoggerFactory.getLogger(RealMonitors.class);

    private static final String SOCKET = "monitor";

    /** The name at which it is bound. No file has it while qemu runs. */
    private static final String BOUND = "bound";

    /** Bytes of a digest: a VM's name may be longer than a socket's. */
    private static final int DIGEST_SIZE = 12;

    private final Path parent;
    private final UnixSockets sockets;
    private final DescriptorStore store;
    private final Optional<SecurityContext> own;

    @Inject
    RealMonitors(ServiceConfig config, UnixSockets sockets, DescriptorStore store, ProcessContexts contexts)
            throws LinuxException {
        this.parent = config.guardedMonitors();
        this.sockets = sockets;
        this.store = store;
        this.own = contexts.of(new Pid(Math.toIntExact(ProcessHandle.current().pid())));
    }

    /** The directory of a VM, which may not be there. */
    Path directory(VmName vm) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(vm.value().getBytes(StandardCharsets.UTF_8));
            return parent.resolve(HexFormat.of().formatHex(digest, 0, DIGEST_SIZE));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The socket of a VM. */
    Path socket(VmName vm) {
        return directory(vm).resolve(SOCKET);
    }

    /** The sockets of a VM that outlive the service. */
    KeptSockets kept(VmName vm) {
        return new KeptSockets(store, sockets, directory(vm));
    }

    /** Drops sockets of VMs that are no more. */
    void dropTheRest() {
        store.dropTheRest();
    }

    /** Makes the directory, empty. */
    Path make(VmName vm) throws IOException {
        delete(directory(vm));
        Files.createDirectories(parent);
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx------"));
        return Files.createDirectory(
                directory(vm), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /**
     * Binds a socket in the directory, for qemu to listen at. At its end qemu removes the name that the socket was bound
     * at, which only the service may do: SELinux would log that. So the socket gets another name. qemu then finds none,
     * and says nothing.
     */
    Descriptor bind(VmRecord vm) throws IOException {
        Path socket = socket(vm.name());
        if (HostPath.of(socket).length() > SocketName.MAXIMUM_LENGTH) {
            throw new IOException(
                    HostPath.of(socket) + ": longer than a socket's name may be; choose a shorter --run-dir");
        }
        Path bound = socket.resolveSibling(BOUND);
        Descriptor descriptor = sockets.bind(new SocketName(HostPath.of(bound), false), context(vm));
        try {
            Files.move(bound, socket, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            descriptor.close();
            throw e;
        }
        return descriptor;
    }

    /** SELinux lets qemu use only sockets at its own level. */
    private Optional<byte[]> context(VmRecord vm) {
        return own.map(mine -> mine.at(vm.contexts().level()).toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Connects.
     *
     * @throws IOException where nobody listens yet, or somebody else than the VM's process
     */
    SocketChannel connect(VmRecord vm) throws IOException {
        SocketChannel channel = sockets.create(context(vm));
        boolean isReached = false;
        try {
            channel.connect(UnixDomainSocketAddress.of(socket(vm.name())));
            isReached = isOfVm(channel, vm);
            if (!isReached) {
                throw new IOException("another process than the VM's listens there");
            }
            return channel;
        } finally {
            if (!isReached) {
                channel.close();
            }
        }
    }

    /** Whether the process of the VM is at the other end. */
    boolean isOfVm(SocketChannel channel, VmRecord vm) throws IOException {
        PeerIdentity peer = sockets.peer(channel);
        return peer.process().isPresent() && peer.process().equals(vm.process());
    }

    void remove(VmName vm) {
        try {
            delete(directory(vm));
        } catch (IOException e) {
            LOG.warn("VM {}: the directory of its monitor cannot be removed: {}", vm, e.getMessage());
        }
    }

    /** Removes the directories of all other VMs. One that stays keeps no other from going. */
    void keepOnly(Collection<VmName> vms) {
        if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Set<Path> kept = vms.stream().map(this::directory).collect(Collectors.toSet());
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent)) {
            for (Path directory : directories) {
                if (!kept.contains(directory)) {
                    deleteOrTell(directory);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.warn("{}: what VMs left that are no more cannot be removed: {}", HostPath.of(parent), e.getMessage());
        }
    }

    private static void deleteOrTell(Path directory) {
        try {
            delete(directory);
        } catch (IOException | DirectoryIteratorException e) {
            LOG.warn(
                    "{}: what a VM left that is no more cannot be removed: {}", HostPath.of(directory), e.getMessage());
        }
    }

    /** Nobody else makes anything there, so it holds sockets and files alone. */
    private static void delete(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory)) {
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
        }
        Files.deleteIfExists(directory);
    }
}
