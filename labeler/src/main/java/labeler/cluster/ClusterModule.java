package labeler.cluster;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import labeler.apply.Labels;
import labeler.apply.RecordedFiles;
import labeler.config.ClusterConfig;
import labeler.config.ServiceConfig;
import labeler.etcd.EtcdSettings;
import labeler.guard.record.AuditLog;
import labeler.journal.Journal;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.HostLock;
import labeler.lifecycle.hold.OtherHosts;
import labeler.linux.Linux;
import labeler.mcs.FreePairs;
import labeler.mcs.ProcessContexts;
import labeler.openfiles.ProcessDescriptors;
import labeler.registry.HostName;
import labeler.registry.etcd.EtcdAdministration;
import labeler.registry.etcd.EtcdRegistry;
import labeler.registry.etcd.FileMemory;
import labeler.registry.etcd.Self;
import labeler.selinux.VirtualContexts;
import labeler.storage.MountedStorages;

/** Binds other hosts: none, unless the settings name a cluster. */
public final class ClusterModule extends AbstractModule {
    private static final Path MACHINE_ID = Path.of("/etc/machine-id");

    /** A call has several questions, and may have to ask another member. */
    private static final int DEADLINES_A_CALL = 3;

    @Override
    protected void configure() {}

    /** The records of this host. */
    record Records(HostLock lock, Holdings holdings, Journal journal, AuditLog audit) {}

    @Provides
    Records records(HostLock lock, Holdings holdings, Journal journal, AuditLog audit) {
        return new Records(lock, holdings, journal, audit);
    }

    /** The files of this host. */
    record Host(Linux linux, Labels labels, VirtualContexts contexts, ProcessContexts processes) {}

    @Provides
    Host host(Linux linux, Labels labels, VirtualContexts contexts, ProcessContexts processes) {
        return new Host(linux, labels, contexts, processes);
    }

    @Provides
    @Singleton
    OtherHosts otherHosts(ClusterConfig cluster, ServiceConfig service, Records records, Host host, FreePairs freePairs)
            throws IOException {
        if (!cluster.isCluster()) {
            return OtherHosts.none();
        }
        ClusterState state = ClusterState.below(service.stateDirectory());
        Files.createDirectories(state.directory());
        Linux linux = host.linux();
        Holdings holdings = records.holdings();
        KnownStorages known = new KnownStorages(state.storages());
        MountedStorages mounted = new MountedStorages(linux, known::all);
        PairReserve reserve = new PairReserve(state.pairs(), freePairs);
        OwnClaims own = new OwnClaims(holdings.bootId());
        EtcdSettings settings = settings(cluster);
        Self self = self(cluster, holdings.bootId(), state);
        EtcdRegistry registry = EtcdRegistry.of(settings, self, new FileMemory(state.seen()));
        EtcdAdministration administration = EtcdAdministration.of(settings);
        RegistryLink link = new RegistryLink(self.host(), registry, own, reserve, administration.rebuild()::state);
        RecordedFiles found = new RecordedFiles(linux, holdings.bootId());
        LeftFiles left = new LeftFiles(found, mounted, host.labels(), host.contexts());
        Upkeep.Places places = new Upkeep.Places(state, known, mounted, cluster.unregistered());
        SharedReturns returns = new SharedReturns(link, own, reserve, holdings, places, found, left);
        Upkeep.Parts parts = new Upkeep.Parts(
                link,
                own,
                reserve,
                returns,
                new Takeover(records.lock(), holdings, records.journal(), linux, mounted),
                holdings,
                places);
        OtherHolders holders = new OtherHolders(
                new SharedRecords(holdings, places, found),
                new HolderEvents(holdings::holders, records.audit()),
                InstantSource.system());
        UnknownVms unknown = new UnknownVms(
                linux.processes(),
                host.processes(),
                ProcessDescriptors.ofThisMachine(),
                mounted,
                state.journal()
                        .begin(holdings.bootId(), service.stateDirectory().resolve("journal.db")));
        StaleEntries stale =
                new StaleEntries(link, own, returns, holdings, unknown::isWithoutProcess, registry::cleared);
        Registration registration = new Registration(parts, found, stale, registry::told);
        Upkeep.Unrecorded unrecorded = new Upkeep.Unrecorded(unknown, new ForgottenFiles(holdings, own, returns));
        Upkeep upkeep = new Upkeep(registry, administration, parts, registration, holders, left, unrecorded);
        Claimant claimant = new Claimant(link, own, reserve, returns, holdings, places);
        OtherUsers users = new OtherUsers(link, places);
        return new ClusterHosts(link, claimant, returns, upkeep, holders, users);
    }

    /**
     * The way to the cluster's etcd.
     *
     * @throws IOException if the settings are not complete
     */
    public static EtcdSettings settings(ClusterConfig cluster) throws IOException {
        if (cluster.user().isPresent() && cluster.passwordFile().isEmpty()) {
            throw new IOException("cluster.user needs cluster.password-file");
        }
        Duration deadline = Duration.ofSeconds(cluster.deadline());
        return new EtcdSettings(
                cluster.endpoints(),
                cluster.authority(),
                cluster.user()
                        .map(user -> new EtcdSettings.User(
                                user, cluster.passwordFile().orElseThrow())),
                deadline,
                deadline.multipliedBy(DEADLINES_A_CALL));
    }

    /**
     * This host, as the cluster knows it.
     *
     * @param state where it keeps what it drew when it joined
     * @throws IOException if it has no machine id
     */
    public static Self self(ClusterConfig cluster, String bootId, ClusterState state) throws IOException {
        // One that joined before hosts drew anything has its machine id alone.
        String drawn = state.identity().map(text -> "." + text).orElse("");
        return new Self(name(cluster), machine() + drawn, bootId);
    }

    /**
     * The name of this host in the cluster.
     *
     * @throws IOException if it has no machine id, and its settings name none
     */
    public static HostName name(ClusterConfig cluster) throws IOException {
        Optional<HostName> name = cluster.host();
        return name.isPresent()
                ? name.get()
                : HostName.parse(machine())
                        .orElseThrow(() -> new IOException(MACHINE_ID + " has no machine id; set cluster.host"));
    }

    private static String machine() throws IOException {
        return Files.readString(MACHINE_ID, StandardCharsets.US_ASCII).trim();
    }
}
