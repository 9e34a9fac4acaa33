package labeler.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.HostPath;

/**
 * The service itself.
 *
 * @param socket where it listens
 * @param group whose members may use the socket, beside root
 * @param stateDirectory what must outlive a reboot
 * @param runDirectory what must not
 * @param threads that answer requests, {@link #MINIMUM_THREADS} to {@link #MAXIMUM_THREADS}
 * @param peerTypes the SELinux types that a peer's process may have; empty for any
 */
public record ServiceConfig(
        Path socket, Group group, Path stateDirectory, Path runDirectory, int threads, List<String> peerTypes) {
    /** The server needs some for itself (one accepts, one selects), and one long start must not stop a status. */
    public static final int MINIMUM_THREADS = 8;

    /** Starts wait for the disk; more of them at once would only wait longer. */
    public static final int MAXIMUM_THREADS = 256;

    /**
     * A group by name.
     *
     * @param required whether the service refuses to start without it: it does where somebody named it
     */
    public record Group(String name, boolean required) {}

    public static final ServiceConfig DEFAULT = new ServiceConfig(
            Path.of("/run/labeler/labeler.sock"),
            new Group("labeler", false),
            Path.of("/var/lib/labeler"),
            Path.of("/run/labeler"),
            16,
            List.of());

    public ServiceConfig {
        peerTypes = List.copyOf(peerTypes);
    }

    /**
     * Files and directories that are the service's own.
     *
     * @param home where the program is installed; empty if it does not know
     */
    public List<HostPath> own(Optional<Path> home) {
        return Stream.concat(Stream.of(socket, stateDirectory, runDirectory), home.stream())
                .map(HostPath::of)
                .toList();
    }
}
