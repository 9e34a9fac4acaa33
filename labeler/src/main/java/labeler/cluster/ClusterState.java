package labeler.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import labeler.registry.HostName;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.etcd.ClusterFile;

/** The files in a host's state directory that tell of its cluster. */
public record ClusterState(Path directory) {
    /** The state below a service's directory. */
    public static ClusterState below(Path stateDirectory) {
        return new ClusterState(stateDirectory.resolve("cluster"));
    }

    /** The point at which the host saw the registry last. */
    public Path seen() {
        return directory.resolve("seen");
    }

    Path storages() {
        return directory.resolve("storages");
    }

    Path pairs() {
        return directory.resolve("pairs");
    }

    JournalMark journal() {
        return new JournalMark(marked());
    }

    private Path marked() {
        return directory.resolve("journal");
    }

    private ClusterFile drawn() {
        return new ClusterFile(directory.resolve("identity"));
    }

    /** The text that this host drew when it joined. Machines that were made of one image have one machine id. */
    public Optional<String> identity() throws IOException {
        return drawn().lines().stream().findFirst();
    }

    /** Draws it, unless that was done. */
    public void identify() throws IOException {
        if (identity().isEmpty()) {
            journal().joined();
            List<String> identity = List.of(UUID.randomUUID().toString());
            drawn().write(identity);
            if (!drawn().has(identity)) {
                throw new IOException(drawn() + " cannot be written");
            }
        }
    }

    private ClusterFile hosts() {
        return new ClusterFile(directory.resolve("hosts"));
    }

    /** The cluster's storages, as this host knew them last. */
    public Map<StorageName, Storage> knownStorages() throws IOException {
        return new KnownStorages(storages()).all();
    }

    /** The hosts of the cluster, as this one knew them last. */
    public Set<HostName> knownHosts() throws IOException {
        Set<HostName> known = new TreeSet<>();
        hosts().lines().forEach(line -> HostName.parse(line).ifPresent(known::add));
        return known;
    }

    void remember(Set<HostName> known) {
        List<String> names = known.stream().map(HostName::value).sorted().toList();
        if (!hosts().has(names)) {
            hosts().write(names);
        }
    }

    /** Nothing of it counts in another cluster: least of all the pairs that this host had. */
    public void forget() throws IOException {
        for (Path file : List.of(
                seen(), storages(), pairs(), marked(), directory.resolve("hosts"), directory.resolve("identity"))) {
            Files.deleteIfExists(file);
        }
    }
}
