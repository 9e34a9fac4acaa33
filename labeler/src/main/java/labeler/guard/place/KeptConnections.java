package labeler.guard.place;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import labeler.guard.relay.Continuity;
import labeler.guard.relay.RelayState;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of a domain that outlive the service, since libvirt takes their end for qemu's: its own, and that to
 * qemu, on which events and answers come meanwhile.
 */
final class KeptConnections {
    private static final Logger LOG = LoggerFactory.getLogger(KeptConnections.class);

    private final VmName vm;
    private final KeptSockets sockets;
    private final StateFile file;
    private volatile Optional<RelayState> earlier;
    private volatile Optional<SocketChannel> qemu;
    private volatile List<SocketChannel> clients;

    private KeptConnections(
            VmName vm,
            KeptSockets sockets,
            StateFile file,
            Optional<RelayState> earlier,
            Optional<SocketChannel> qemu,
            List<SocketChannel> clients) {
        this.vm = vm;
        this.sockets = sockets;
        this.file = file;
        this.earlier = earlier;
        this.qemu = qemu;
        this.clients = clients;
    }

    /** The connections of a domain that starts. */
    static KeptConnections begin(VmName vm, KeptSockets sockets, StateFile file) {
        return new KeptConnections(vm, sockets, file, Optional.empty(), Optional.empty(), List.of());
    }

    /**
     * Those that an earlier service has left. Where it ended in the middle of a command's bytes, nobody knows where the
     * streams stand: then they end.
     */
    static KeptConnections takeOver(VmName vm, KeptSockets sockets, StateFile file) throws IOException {
        Optional<RelayState> earlier = file.read();
        Optional<SocketChannel> qemu = sockets.qemu();
        List<SocketChannel> clients = sockets.clients();
        if (earlier.isPresent()) {
            return new KeptConnections(vm, sockets, file, earlier, qemu, clients);
        }
        if (!clients.isEmpty()) {
            LOG.error(
                    "domain {}: the last service was killed while it read or wrote, so libvirt's connection ends", vm);
        }
        sockets.dropConnections();
        qemu.ifPresent(KeptConnections::end);
        clients.forEach(KeptConnections::end);
        return begin(vm, sockets, file);
    }

    /** systemd has a copy, so closing alone would end nothing. */
    static void end(SocketChannel channel) {
        try (channel) {
            channel.shutdownInput();
            channel.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("ending a connection", e);
        }
    }

    /** The connection to qemu that is there already; for the first who asks. */
    Optional<SocketChannel> left() {
        Optional<SocketChannel> taken = qemu;
        qemu = Optional.empty();
        return taken;
    }

    /** A new connection to qemu is there. */
    void reached(SocketChannel channel) {
        sockets.keepQemu(channel);
    }

    /** libvirt has connected. */
    void accepted(SocketChannel client) {
        sockets.keepClient(client);
    }

    /**
     * For the next relay. The first one goes on with what is left.
     *
     * @param admission lets clients in
     */
    Continuity continuity(Function<SocketChannel, Optional<Continuity.Guest>> admission) {
        Continuity next = new Continuity(
                Optional.of(file),
                earlier,
                clients.stream()
                        .flatMap(client -> admission.apply(client).stream())
                        .toList());
        if (earlier.isPresent()) {
            LOG.info("domain {}: its monitor stays guarded, with {} connection(s) of libvirt's", vm, clients.size());
        }
        earlier = Optional.empty();
        clients = List.of();
        return next;
    }

    /** Ends all of them with the domain. */
    void remove() {
        sockets.dropConnections();
        qemu.ifPresent(KeptConnections::end);
        clients.forEach(KeptConnections::end);
        file.close();
    }
}
