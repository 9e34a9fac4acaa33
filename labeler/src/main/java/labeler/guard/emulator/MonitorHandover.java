package labeler.guard.emulator;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import labeler.config.ServiceConfig;
import labeler.linux.Descriptor;
import labeler.linux.PeerIdentity;
import labeler.linux.ProcessIdentity;
import labeler.linux.UnixSockets;
import labeler.problem.IoReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Exchanges the sockets of a domain that starts, once for each announcement. */
public final class MonitorHandover {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorHandover.class);

    private final StartingDomains starting;
    private final UnixSockets sockets;
    private final DomainGuard guard;
    private final Path directory;

    @Inject
    MonitorHandover(StartingDomains starting, UnixSockets sockets, DomainGuard guard, ServiceConfig config) {
        this(starting, sockets, guard, config.guardedMonitors());
    }

    /** @param directory that only the service may enter; it is made if it does not exist */
    MonitorHandover(StartingDomains starting, UnixSockets sockets, DomainGuard guard, Path directory) {
        this.starting = starting;
        this.sockets = sockets;
        this.guard = guard;
        this.directory = directory;
    }

    /**
     * Serves a process that says it becomes the qemu of a domain. One that does not is told so before it is listened
     * to: anybody may connect.
     *
     * @throws IOException if the connection fails
     */
    public void serve(SocketChannel emulator, PeerIdentity peer) throws IOException {
        MonitorExchange exchange = new MonitorExchange(sockets, emulator);
        Optional<StartingDomain> domain = starting.take(peer);
        if (domain.isEmpty() || peer.process().isEmpty()) {
            // Anybody may do that as often as he likes, so the log is not told.
            LOG.debug("process {} of user {} is not the qemu of a domain that starts", peer.pid(), peer.uid());
            exchange.refuse("libvirt's hook has not announced this start to labelerd; labeler hook install libvirt, and"
                    + " restart libvirt's daemon");
            return;
        }
        try {
            exchange(exchange, domain.get(), peer.process().get());
            LOG.info(
                    "domain {}: its monitor is guarded, process {}",
                    domain.get().name(),
                    peer.pid());
        } catch (IOException e) {
            LOG.warn(
                    "domain {}: its monitor is not guarded, so it does not start: {}",
                    domain.get().name(),
                    IoReason.of(e));
            exchange.refuse("its monitor cannot be guarded (" + IoReason.of(e) + ")");
        }
    }

    private void exchange(MonitorExchange exchange, StartingDomain domain, ProcessIdentity qemu) throws IOException {
        ServerSocketChannel manager = manager(exchange, qemu);
        boolean isGuarded = false;
        try {
            guard.begin(domain, qemu, manager, exchange::give);
            isGuarded = true;
            exchange.finish(domain.ours());
        } finally {
            if (!isGuarded) {
                manager.close();
            }
        }
    }

    /** libvirt's socket as a channel. */
    private ServerSocketChannel manager(MonitorExchange exchange, ProcessIdentity qemu) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        try (Descriptor libvirts = exchange.receive()) {
            return sockets.accepting(libvirts, directory.resolve("new-" + qemu.pid()));
        }
    }
}
