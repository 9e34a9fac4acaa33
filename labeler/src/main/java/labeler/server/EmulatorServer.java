package labeler.server;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import labeler.config.ServiceConfig;
import labeler.guard.emulator.MonitorHandover;
import labeler.listen.ConnectionPool;
import labeler.listen.PeerRules;
import labeler.listen.SocketPlace;
import org.jspecify.annotations.Nullable;

/**
 * The third socket, at which the processes that become the qemu of libvirt's domains exchange their monitors. libvirt
 * starts them as an unprivileged user, so everybody may connect. Whoever is not such a process is sent away at once.
 */
final class EmulatorServer {
    /** Domains that start at the same time. */
    private static final int DOMAINS = 8;

    private final SocketPlace place;
    private final MonitorHandover handover;
    private @Nullable ConnectionPool pool;

    @Inject
    EmulatorServer(ServiceConfig config, PeerRules rules, MonitorHandover handover) {
        this.place = new SocketPlace(config.emulatorSocket(), rules.ownUid(), "emulator");
        this.handover = handover;
    }

    void start() throws IOException {
        Path born = place.prepare();
        pool = ConnectionPool.open("emulators", born, DOMAINS, handover::serve);
        place.publishToAll(born);
    }

    void stop() throws IOException {
        if (pool != null) {
            place.remove();
            pool.close();
        }
    }
}
