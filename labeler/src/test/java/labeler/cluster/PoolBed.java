package labeler.cluster;

import static labeler.registry.TestFiles.CONTENT;
import static labeler.registry.TestFiles.ORIGINAL;
import static labeler.registry.TestFiles.given;

import com.google.inject.Guice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import labeler.apply.Labels;
import labeler.apply.RecordedFiles;
import labeler.apply.Reverter;
import labeler.config.ClusterConfig;
import labeler.fileset.VmFile;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.SqliteJournal;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.OtherHosts.Wish;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.Processes;
import labeler.linux.fake.FakeLinux;
import labeler.mcs.CategoryRange;
import labeler.mcs.FreePairs;
import labeler.plan.Sharing;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Mine;
import labeler.registry.Rebuild;
import labeler.registry.SharedFile;
import labeler.registry.SingleHostRegistry;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.WantedFile;
import labeler.selinux.SecurityContext;
import labeler.selinux.VirtualContexts;
import labeler.storage.MountedStorages;
import labeler.storage.Place;
import labeler.vm.VmName;

/** A host with a base on shared storage, and an empty journal. */
final class PoolBed implements AutoCloseable {
    static final HostName HOST = new HostName("alpha");

    private static final StorageName POOL = new StorageName("pool");
    private static final HostPath BASE = HostPath.of("/pool/base");

    private final Linux linux;
    private final Journal journal;
    private final OpenedFile base;
    private final Storage storage;
    private final SharedFile file;
    private final SingleHostRegistry registry = new SingleHostRegistry(HOST);
    private final AtomicLong nanoTime = new AtomicLong(1);
    private final Upkeep.Places places;
    private final OwnClaims own;
    private final Holdings holdings;
    private final RegistryLink link;
    private final SharedReturns returns;
    private final Claimant claimant;

    /** What the registry says of a rebuild. */
    private Optional<Rebuild> rebuild = Optional.empty();

    PoolBed(Path directory) throws Exception {
        FakeLinux fake = new FakeLinux();
        fake.mount("/pool").type("gfs2", 0x01161970);
        fake.file("/pool/base", new byte[] {1});
        linux = fake.linux();
        base = (OpenedFile) linux.open().find(BASE, OpenRequest.RECORDED_OBJECT);
        storage = storage(linux);
        MountedStorages mounted = new MountedStorages(linux, () -> Map.of(POOL, storage));
        file = ((Place.Shared) mounted.of(base)).file();
        journal = SqliteJournal.open(directory);
        holdings = Guice.createInjector(binder -> {
                    binder.bind(Journal.class).toInstance(journal);
                    binder.bind(Processes.class).toInstance(linux.processes());
                })
                .getInstance(Holdings.class);
        own = new OwnClaims(holdings.bootId(), nanoTime::get);
        PairReserve reserve =
                new PairReserve(directory.resolve("pairs"), new FreePairs(CategoryRange.DEFAULT, new Random(1)));
        link = new RegistryLink(HOST, registry, own, reserve, () -> new Answer.Given<>(rebuild));
        RecordedFiles found = new RecordedFiles(linux, holdings.bootId());
        places = new Upkeep.Places(
                ClusterState.below(directory),
                new KnownStorages(directory.resolve("storages")),
                mounted,
                ClusterConfig.Unregistered.REFUSE);
        Labels labels = new Labels(linux.attributes(), linux.fileSystems(), false);
        returns = new SharedReturns(
                link, own, reserve, holdings, places, found, new LeftFiles(found, mounted, labels, contexts()));
        claimant = new Claimant(link, own, reserve, returns, holdings, places);
    }

    private static Storage storage(Linux linux) throws LinuxException {
        try (OpenedFile root = (OpenedFile) linux.open().find(HostPath.of("/pool"), OpenRequest.DIRECTORY)) {
            return ((MountedStorages.Found) new MountedStorages(linux, Map::of).look(root)).storage();
        }
    }

    private static VirtualContexts contexts() {
        return new VirtualContexts(
                context("system_u:system_r:svirt_t:s0"),
                Optional.empty(),
                context("system_u:object_r:svirt_image_t:s0"),
                CONTENT.context().orElseThrow());
    }

    static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    SingleHostRegistry registry() {
        return registry;
    }

    OwnClaims own() {
        return own;
    }

    Holdings holdings() {
        return holdings;
    }

    RegistryLink link() {
        return link;
    }

    SharedReturns returns() {
        return returns;
    }

    Claimant claimant() {
        return claimant;
    }

    /** Whether the label of the base is this host's to set, if the cluster has this storage. */
    Optional<String> notHeld(Optional<Storage> registered) {
        Map<StorageName, Storage> storages =
                registered.map(one -> Map.of(POOL, one)).orElse(Map.of());
        MountedStorages mounted = new MountedStorages(linux, () -> storages);
        Upkeep.Places known = new Upkeep.Places(places.state(), places.known(), mounted, places.unregistered());
        return new OtherUsers(link, known).notHeld(base);
    }

    /** The file system on which the base is. */
    Storage storage() {
        return storage;
    }

    /** Time goes by in which others may have done anything. */
    void minutesLater() {
        long _ = nanoTime.addAndGet(TimeUnit.MINUTES.toNanos(5));
    }

    void rebuilds(Optional<Rebuild> now) {
        rebuild = now;
    }

    /** The base, as the registry knows it. */
    SharedFile file() {
        return file;
    }

    /** The base, as a VM asks the registry for it. */
    WantedFile wanted() {
        return new WantedFile(file, "base", Sharing.CONTENT, _ -> Optional.of(CONTENT));
    }

    /** The base, as a VM asks this host for it. */
    Wish wish() {
        VmFile named = new VmFile(BASE, Optional.of(base), Optional.empty(), List.of(), false, Optional.empty());
        return new Wish(named, base, Sharing.CONTENT, true);
    }

    /** Whether the label of the base may go back, of which there is a record that no VM has. */
    Reverter.Passage passage() throws LinuxException {
        FileRecord record = new FileRecord(
                1,
                base.identity(),
                OptionalLong.empty(),
                BASE,
                BASE,
                linux.handles().of(base),
                "boot",
                Optional.of(ORIGINAL),
                Optional.of(CONTENT),
                Set.of(),
                Sharing.CONTENT,
                Optional.empty());
        return returns.passage(record, base);
    }

    /** The files that the registry has for a VM. */
    Set<SharedFile> inRegistry(VmName vm) {
        return given(registry.mine()).vms().stream()
                .filter(one -> one.name().equals(vm))
                .findFirst()
                .map(Mine.HostedVm::files)
                .orElse(Set.of());
    }

    @Override
    public void close() throws JournalException {
        base.close();
        journal.close();
    }
}
