package labeler.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.fileset.ServicePlaces;
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

    /** The second socket, beside the other one: {@code descriptors-labeler.sock}. */
    public Path descriptorSocket() {
        return socket.resolveSibling("descriptors-" + socket.getFileName());
    }

    /** The files on which a service has locks while it runs: those of its journal and of its run directory. */
    public List<HostPath> locked() {
        return Stream.of(
                        stateDirectory.resolve("journal.db"),
                        stateDirectory.resolve("journal.lock"),
                        runDirectory.resolve("labelerd.lock"))
                .map(HostPath::of)
                .toList();
    }

    /** Where the directories of the VMs are. */
    public Path runtimeDirectories() {
        return runDirectory.resolve("vms");
    }

    /**
     * Files and directories that are the service's own.
     *
     * @param home where the program is installed; empty if it does not know
     * @param settings the file that it has its settings from, be it there or not
     */
    public ServicePlaces own(Optional<Path> home, Path settings) {
        return new ServicePlaces(
                Stream.of(stateDirectory, runDirectory).map(HostPath::of).toList(),
                home.stream().map(HostPath::of).toList(),
                Stream.of(socket, descriptorSocket(), settings)
                        .map(HostPath::of)
                        .toList(),
                HostPath.of(runtimeDirectories()));
    }
}
