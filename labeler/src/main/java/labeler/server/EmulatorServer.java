package labeler.server;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import labeler.config.ServiceConfig;
import labeler.guard.emulator.MonitorHandover;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.UnixSockets;
import labeler.listen.ConnectionPool;
import labeler.listen.PeerRules;
import labeler.listen.SocketPlace;
import labeler.mcs.ProcessContexts;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import org.jspecify.annotations.Nullable;

/**
 * The third socket, at which the processes that become the qemu of libvirt's domains exchange their monitors. libvirt
 * starts them as an unprivileged user, so everybody may connect. Any other process is sent away at once.
 */
final class EmulatorServer {
    private final SocketPlace place;
    private final MonitorHandover handover;
    private final UnixSockets sockets;
    private final Optional<SecurityContext> context;
    private @Nullable ConnectionPool pool;

    @Inject
    EmulatorServer(
            ServiceConfig config,
            PeerRules rules,
            MonitorHandover handover,
            UnixSockets sockets,
            ProcessContexts contexts)
            throws LinuxException {
        this.place = new SocketPlace(config.emulatorSocket(), rules.ownUid(), "emulator");
        this.handover = handover;
        this.sockets = sockets;
        this.context =
                contexts.of(new Pid(Math.toIntExact(ProcessHandle.current().pid())));
    }

    void start() throws IOException {
        Path born = place.prepare();
        pool = ConnectionPool.open(
                "emulators",
                sockets.createListening(lowest()),
                born,
                ConnectionPool.Limits.DEFAULT,
                sockets,
                new EmulatorService());
        place.publishToAll(born);
    }

    /** One user may run all of libvirt's qemus. Where they have levels, one that was taken over must not stand for all. */
    private record Confined(int uid, Optional<String> context) {}

    private final class EmulatorService implements ConnectionPool.Service {
        @Override
        public Object user(PeerIdentity peer) {
            return new Confined(
                    peer.uid(),
                    peer.context().map(bytes -> StoredLabel.of(bytes).printable()));
        }

        @Override
        public void serve(SocketChannel emulator, PeerIdentity peer) throws IOException {
            handover.serve(emulator, peer);
        }
    }

    /** MCS lets VMs of every level connect there, as to nothing else of the service's. */
    private Optional<byte[]> lowest() {
        return context.map(own -> own.low().toString().getBytes(StandardCharsets.UTF_8));
    }

    void stop() throws IOException {
        if (pool != null) {
            place.remove();
            pool.close();
        }
    }
}
