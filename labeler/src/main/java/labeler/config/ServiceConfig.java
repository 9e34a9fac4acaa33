package labeler.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.fileset.ServicePlaces;
import labeler.linux.HostPath;

/**
 * Settings of the service itself.
 *
 * @param socket the socket on which it listens
 * @param group the group that may use the socket, beside root
 * @param stateDirectory files that must outlive a reboot
 * @param runDirectory files that must not
 * @param threads number of threads that answer requests, {@link #MINIMUM_THREADS} to {@link #MAXIMUM_THREADS}
 * @param peerTypes the SELinux types that a peer's process may have; empty for any
 */
public record ServiceConfig(
        Path socket, Group group, Path stateDirectory, Path runDirectory, int threads, List<String> peerTypes) {
    /** The server needs some for itself (one accepts, one selects), and a long start must not block a status. */
    public static final int MINIMUM_THREADS = 8;

    /** Starts wait for the disk; more of them at once would only wait longer. */
    public static final int MAXIMUM_THREADS = 256;

    /**
     * A group by name.
     *
     * @param required whether the service refuses to start without it; so for a group that the settings name
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

    /** The second socket, beside the first: {@code descriptors-labeler.sock}. */
    public Path descriptorSocket() {
        return socket.resolveSibling("descriptors-" + socket.getFileName());
    }

    /** The third socket, for the emulators of libvirt's domains: {@code emulator-labeler.sock}. */
    public Path emulatorSocket() {
        return socket.resolveSibling("emulator-" + socket.getFileName());
    }

    /** The files that a running service locks: those of its journal and of its run directory. */
    public List<HostPath> locked() {
        return Stream.of(
                        stateDirectory.resolve("journal.db"),
                        stateDirectory.resolve("journal.lock"),
                        runDirectory.resolve("labelerd.lock"))
                .map(HostPath::of)
                .toList();
    }

    /** The parent of the VMs' directories. */
    public Path runtimeDirectories() {
        return runDirectory.resolve("vms");
    }

    /** The parent of the directories with the real monitors of guarded VMs; nobody else may enter. */
    public Path guardedMonitors() {
        return runDirectory.resolve("guard");
    }

    /**
     * The service's own files and directories.
     *
     * @param home the program's directory; empty if unknown
     * @param settings the settings file, which need not exist
     */
    public ServicePlaces own(Optional<Path> home, Path settings) {
        return new ServicePlaces(
                Stream.of(stateDirectory, runDirectory).map(HostPath::of).toList(),
                home.stream().map(HostPath::of).toList(),
                Stream.of(socket, descriptorSocket(), emulatorSocket(), settings, ConfigReader.clusterFile(settings))
                        .map(HostPath::of)
                        .toList(),
                HostPath.of(runtimeDirectories()));
    }
}
