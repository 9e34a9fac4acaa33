package labeler.cluster.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import labeler.cluster.ClusterModule;
import labeler.cluster.ClusterState;
import labeler.config.ClusterConfig;
import labeler.config.Config;
import labeler.config.ConfigReader;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.KnownHost;
import labeler.registry.Rebuild;
import labeler.registry.Refusal;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.etcd.EtcdAdministration;
import labeler.registry.etcd.EtcdAdministration.Names;
import labeler.registry.etcd.FileMemory;
import labeler.registry.etcd.Self;
import labeler.storage.MountedStorages;

/** The administrator's side of a cluster. Each call asks the registry anew. */
public final class ClusterDesk {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private static final Path RESOLVER = Path.of("/etc/resolv.conf");

    private final Linux linux;
    private final Path settings;
    private final Path dropIns;

    /**
     * Works with this host's files.
     *
     * @param settings the settings file
     * @param dropIns the directory of the drop-ins of the service's unit
     */
    public ClusterDesk(Linux linux, Path settings, Path dropIns) {
        this.linux = linux;
        this.settings = settings;
        this.dropIns = dropIns;
    }

    private UnitDropIn dropIn() {
        return new UnitDropIn(dropIns, RESOLVER);
    }

    /** An answer, or why there is none. */
    public sealed interface Outcome<T> {}

    public record Done<T>(T value) implements Outcome<T> {}

    /** The registry refuses, or does not answer. */
    public record Refused<T>(Refusal refusal) implements Outcome<T> {}

    /** Something on this host is in the way. */
    public record Failed<T>(String message) implements Outcome<T> {}

    /** A question to the registry. */
    private interface Question<T> {
        Answer<T> ask(EtcdAdministration administration) throws IOException;
    }

    private static <T> Outcome<T> asked(ClusterConfig cluster, Question<T> question) {
        try (EtcdAdministration administration = EtcdAdministration.of(ClusterModule.settings(cluster))) {
            return switch (question.ask(administration)) {
                case Answer.Given<T>(T value) -> new Done<>(value);
                case Answer.Refused<T>(Refusal refusal) -> new Refused<>(refusal);
            };
        } catch (IOException e) {
            return new Failed<>(String.valueOf(e.getMessage()));
        }
    }

    private static <T> Answer<T> answer(Optional<Refusal> refusal, T value) {
        return refusal.<Answer<T>>map(Answer.Refused::new).orElseGet(() -> new Answer.Given<>(value));
    }

    /**
     * Makes this host known, and has its service ask the cluster from its next start on.
     *
     * @param service the settings of the service
     * @param administrator the same way to the cluster, with the right to make hosts known
     */
    public Outcome<HostName> join(ClusterConfig service, ClusterConfig administrator) {
        return asked(administrator, administration -> {
            HostName host = ClusterModule.name(service);
            ClusterState state = state();
            return switch (administration.names()) {
                case Answer.Refused<Names>(Refusal refusal) -> new Answer.Refused<>(refusal);
                case Answer.Given<Names>(Names names) -> {
                    if (!names.all().contains(host)) {
                        begin(state);
                    }
                    Optional<Refusal> refusal = administration.join(ClusterModule.self(service, bootId(), state));
                    if (refusal.isEmpty()) {
                        dropIn().put(service.endpoints());
                        SettingsFile.of(settings).put(service);
                    }
                    yield answer(refusal, host);
                }
            };
        });
    }

    /** As a host that the registry does not know. One that it knows has drawn its identity before, and another cannot. */
    private static void begin(ClusterState state) throws IOException {
        if (Files.exists(state.seen())) {
            throw new IOException("this host was in a cluster that this registry does not know; run labeler cluster"
                    + " leave first, or labeler cluster rebuild if its registry was lost");
        }
        state.identify();
    }

    /** The files that this host keeps of its cluster. */
    private ClusterState state() throws IOException {
        Config config = Config.DEFAULT;
        if (Files.exists(settings)) {
            config = switch (ConfigReader.read(Optional.of(settings))) {
                case ConfigReader.Read(Config read) -> read;
                case ConfigReader.Invalid(String message) -> throw new IOException(message);
            };
        }
        return ClusterState.below(config.service().stateDirectory());
    }

    /**
     * Has this host take part in filling a registry that was lost. Its service tells what the journal holds, from its next
     * start on.
     */
    public Outcome<Rebuild> rebuild(ClusterConfig service, ClusterConfig administrator) {
        return asked(administrator, administration -> {
            ClusterState state = state();
            Self self = ClusterModule.self(service, bootId(), state);
            Optional<Refusal> refusal = administration.join(self);
            for (Map.Entry<StorageName, Storage> storage : state.knownStorages().entrySet()) {
                refusal = refusal.or(() -> administration.addStorage(storage.getKey(), storage.getValue()))
                        // The journals name no storage, so any one name does.
                        .filter(one -> !(one instanceof Refusal.AnotherStorage another && another.isNamed()));
            }
            if (refusal.isPresent()) {
                return new Answer.Refused<>(refusal.get());
            }
            Answer<Rebuild> answer =
                    administration.rebuild().join(self.host(), state.knownHosts(), new FileMemory(state.seen()).last());
            if (answer instanceof Answer.Given<Rebuild>(Rebuild rebuild)
                    && rebuild.missing().contains(self.host())) {
                // The service would take the registry for an older copy.
                Files.deleteIfExists(state.seen());
            }
            return answer;
        });
    }

    private String bootId() throws IOException {
        return linux.processes().bootId();
    }

    /** Takes this host out of the cluster. Its service shares nothing from its next start on. */
    public Outcome<HostName> leave(ClusterConfig service, ClusterConfig administrator) {
        return asked(administrator, administration -> {
            HostName host = ClusterModule.name(service);
            // Before the settings go, which say where it is.
            ClusterState state = state();
            Optional<Refusal> refusal = administration.leave(host);
            if (refusal.isEmpty()) {
                SettingsFile.of(settings).remove();
                boolean _ = dropIn().remove();
                state.forget();
            }
            return answer(refusal, host);
        });
    }

    /** The name of this host in the cluster. */
    public HostName name(ClusterConfig cluster) throws IOException {
        return ClusterModule.name(cluster);
    }

    public Outcome<List<KnownHost>> hosts(ClusterConfig cluster) {
        return asked(cluster, EtcdAdministration::hosts);
    }

    public Outcome<Map<StorageName, Storage>> storages(ClusterConfig cluster) {
        return asked(cluster, EtcdAdministration::storages);
    }

    /** Whether the registry takes what this host writes. */
    public Outcome<HostName> writes(ClusterConfig cluster) {
        return asked(cluster, administration -> {
            HostName host = ClusterModule.name(cluster);
            String asker = cluster.user().map(user -> "user " + user).orElse("a host without a user");
            return answer(administration.unwritable(host, asker), host);
        });
    }

    /**
     * Whether a host runs that was said to be off: its service has noticed that it was fenced, and has begun anew. Waits for
     * that, unless the host has no VM that somebody could miss.
     */
    public Outcome<Boolean> hasComeBack(ClusterConfig cluster, HostName host, Duration within) {
        long end = System.nanoTime() + within.toNanos();
        return asked(
                cluster, administration -> administration.hasComeBack(host, () -> System.nanoTime() < end && pause()));
    }

    /** @return false if interrupted */
    private static boolean pause() {
        try {
            Thread.sleep(PAUSE);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Who says this has made certain that the host is off. */
    public Outcome<HostName> fence(ClusterConfig cluster, HostName host) {
        return asked(cluster, administration -> {
            Optional<Refusal> refusal = administration.fence(host);
            // A registry that is filled again may not know it yet, and waits for it.
            return answer(
                    refusal.isPresent() && refusal.get() instanceof Refusal.NotJoined
                            ? administration.rebuild().leaveOut(host)
                            : refusal,
                    host);
        });
    }

    /** Frees the pairs of a host that was fenced, and that nobody will ever start again. */
    public Outcome<HostName> forget(ClusterConfig cluster, HostName host) {
        return asked(cluster, administration -> answer(administration.forget(host), host));
    }

    /** Registers the file system of a directory. */
    public Outcome<Storage> add(ClusterConfig cluster, StorageName name, HostPath directory) {
        OpenOutcome opened = linux.open().open(directory, OpenRequest.NAMED_DIRECTORY);
        return switch (opened) {
            case OpenRefusal refusal -> new Failed<>(directory + ": " + refusal.detail());
            case OpenedFile file -> {
                try (file) {
                    yield switch (new MountedStorages(linux, Map::of).look(file)) {
                        case MountedStorages.Unfit(String why) -> new Failed<>(directory + ": " + why);
                        case MountedStorages.Found(Storage storage, HostPath _) ->
                            asked(cluster, administration -> answer(administration.addStorage(name, storage), storage));
                    };
                } catch (LinuxException e) {
                    yield new Failed<>(directory + ": " + e.getMessage());
                }
            }
        };
    }

    /** Where each of these is mounted on this host. */
    public Map<StorageName, HostPath> places(Map<StorageName, Storage> storages) throws IOException {
        MountedStorages mounted = new MountedStorages(linux, () -> storages);
        Map<StorageName, HostPath> places = new TreeMap<>();
        for (StorageName name : storages.keySet()) {
            mounted.root(name).ifPresent(place -> places.put(name, place));
        }
        return places;
    }
}
