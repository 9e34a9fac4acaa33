package labeler.listen;

import java.nio.channels.NetworkChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.Descriptor;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets that systemd keeps while there is no service, and hands to the next one (sd_notify(3), {@code FDSTORE=1}).
 * systemd drops a connection by itself when it has ended, and everything else when it is told. Without systemd nothing is
 * kept, and nothing is there. Safe for use by many threads.
 */
public final class DescriptorStore {
    private static final Logger LOG = LoggerFactory.getLogger(DescriptorStore.class);

    /** All names begin so. The launch script tells them from that of the socket that systemd listens at. */
    public static final String PREFIX = "labeler-";

    /** {@code SD_LISTEN_FDS_START}. */
    private static final int FIRST = 3;

    /** A service with more would not have had the memory for them. */
    private static final int MOST = 1 << 20;

    private final UnixSockets sockets;
    private final Optional<SocketName> manager;
    private final Map<String, List<Descriptor>> handed;

    private DescriptorStore(UnixSockets sockets, Optional<SocketName> manager, Map<String, List<Descriptor>> handed) {
        this.sockets = sockets;
        this.manager = manager;
        this.handed = handed;
    }

    /** That of the service manager which the environment names, with what it has handed to this process. */
    public static DescriptorStore of(Map<String, String> environment, Pid own, UnixSockets sockets) {
        Optional<SocketName> manager =
                Optional.ofNullable(environment.get("NOTIFY_SOCKET")).flatMap(SocketName::parse);
        return new DescriptorStore(sockets, manager, handed(environment, own, sockets));
    }

    /** One that keeps nothing. */
    public static DescriptorStore none(UnixSockets sockets) {
        return new DescriptorStore(sockets, Optional.empty(), new HashMap<>());
    }

    /** sd_listen_fds_with_names(3). */
    private static Map<String, List<Descriptor>> handed(Map<String, String> environment, Pid own, UnixSockets sockets) {
        Map<String, List<Descriptor>> handed = new HashMap<>();
        if (!own.toString().equals(environment.get("LISTEN_PID"))) {
            return handed;
        }
        String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", MOST);
        for (int i = 0; i < names.length; i++) {
            if (names[i].startsWith(PREFIX)) {
                try {
                    handed.computeIfAbsent(names[i], _ -> new ArrayList<>()).add(sockets.inherited(FIRST + i));
                } catch (LinuxException e) {
                    LOG.warn("systemd has kept {}, and it did not arrive: {}", names[i], e.getMessage());
                }
            }
        }
        return handed;
    }

    /** Takes what was kept by this name; the caller closes it. */
    public synchronized List<Descriptor> take(String name) {
        return Optional.ofNullable(handed.remove(name)).orElse(List.of());
    }

    /** Drops what was kept and nobody has taken. */
    public synchronized void dropTheRest() {
        handed.forEach((name, descriptors) -> {
            descriptors.forEach(Descriptor::close);
            drop(name);
        });
        handed.clear();
    }

    /**
     * Has this socket kept, from now on. It stays open until it is dropped, even if this process closes it.
     *
     * @param name begins with {@link #PREFIX}, and has no colon
     */
    public void keep(String name, NetworkChannel socket) {
        if (manager.isPresent()) {
            try {
                sockets.send(manager.get(), text("FDSTORE=1\nFDNAME=" + name), socket);
            } catch (LinuxException e) {
                LOG.warn("systemd does not keep {}: {}", name, e.getMessage());
            }
        }
    }

    /** Has everything of this name kept no more. */
    public void drop(String name) {
        if (manager.isPresent()) {
            try {
                sockets.send(manager.get(), text("FDSTOREREMOVE=1\nFDNAME=" + name));
            } catch (LinuxException e) {
                LOG.warn("systemd still keeps {}: {}", name, e.getMessage());
            }
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
