package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.Guice;
import com.google.inject.Injector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import labeler.apply.Labels;
import labeler.apply.RecordedFiles;
import labeler.config.ClusterConfig;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.Journal;
import labeler.journal.SqliteJournal;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.HostLock;
import labeler.linux.Errno;
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
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.registry.Answer;
import labeler.registry.ClaimId;
import labeler.registry.ClaimOutcome;
import labeler.registry.HostName;
import labeler.registry.Mine;
import labeler.registry.PairChoice;
import labeler.registry.Rebuild;
import labeler.registry.ReservedPair;
import labeler.registry.SharedFile;
import labeler.registry.SingleHostRegistry;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.registry.TestFiles;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.VirtualContexts;
import labeler.storage.MountedStorages;
import labeler.vm.StartedBy;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VM runs on a file, and the registry has to know of it. Files are a fake kernel's, the journal is a real one. */
class RegistrationTest {
    private static final HostName HOST = new HostName("alpha");
    private static final HostName OTHER = new HostName("beta");
    private static final CategoryPair PAIR = CategoryPair.of(1, 2);
    private static final VmName VM = new VmName("web1");
    private static final StorageName POOL = new StorageName("pool");
    private static final String DISK = "/pool/disk";

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();
    private final SingleHostRegistry registry = new SingleHostRegistry(HOST);
    private final List<List<String>> told = new ArrayList<>();

    /** Times that this host has said that it has cleared what it had, and tells later. */
    private int cleared;

    private Rebuild rebuild = rebuild(Set.of(HOST));

    @AutoClose
    private final SqliteJournal journal;

    private final Holdings holdings;
    private final KnownStorages known;
    private final Upkeep.Places places;
    private final Registration registration;
    private final RegistryLink link;

    /** A VM runs, and the registry is filled. */
    RegistrationTest(@TempDir Path directory) throws Exception {
        fake.mount("/pool").type("gfs2", 0x01161970);
        fake.file(DISK, new byte[] {1});
        journal = SqliteJournal.open(directory.resolve("journal"));
        Injector injector = Guice.createInjector(binder -> {
            binder.bind(Journal.class).toInstance(journal);
            binder.bind(Processes.class).toInstance(linux.processes());
        });
        holdings = injector.getInstance(Holdings.class);
        runs();
        ClusterState state = new ClusterState(directory.resolve("cluster"));
        known = new KnownStorages(state.storages());
        MountedStorages mounted = new MountedStorages(linux, known::all);
        places = new Upkeep.Places(state, known, mounted, ClusterConfig.Unregistered.LOCAL);
        OwnClaims own = new OwnClaims(holdings.bootId());
        PairReserve reserve = new PairReserve(state.pairs(), new FreePairs(CategoryRange.DEFAULT, new Random(1)));
        link = new RegistryLink(HOST, registry, own, reserve, () -> new Answer.Given<>(Optional.of(rebuild)));
        RecordedFiles found = new RecordedFiles(linux, holdings.bootId());
        LeftFiles left = new LeftFiles(
                found,
                mounted,
                new Labels(linux.attributes(), linux.fileSystems(), false),
                new VirtualContexts(
                        context("svirt_t:s0"),
                        Optional.empty(),
                        context("svirt_image_t:s0"),
                        context("virt_content_t:s0")));
        SharedReturns returns = new SharedReturns(link, own, reserve, holdings, places, found, left);
        Takeover takeover = new Takeover(injector.getInstance(HostLock.class), holdings, journal, linux, mounted);
        StaleEntries stale = new StaleEntries(link, own, returns, holdings, _ -> true, _ -> {
            cleared++;
            return Optional.empty();
        });
        registration = new Registration(
                new Upkeep.Parts(link, own, reserve, returns, takeover, holdings, places),
                found,
                stale,
                (_, conflicts) -> {
                    told.add(conflicts);
                    return Optional.empty();
                });
        assertThat(link.begin()).isEmpty();
    }

    private static SecurityContext context(String words) {
        return SecurityContext.parse("system_u:object_r:" + words).orElseThrow();
    }

    private static Rebuild rebuild(Set<HostName> uncleared) {
        return new Rebuild(new ClaimId("rebuild"), Set.of(HOST, OTHER), uncleared, Map.of());
    }

    private OpenedFile opened(String path, OpenRequest request) {
        return (OpenedFile) linux.open().find(HostPath.of(path), request);
    }

    private void runs() throws LinuxException {
        isRecorded(1, DISK);
        runs(VmRecord.Phase.RUNNING, DISK);
    }

    private void isRecorded(long id, String name) throws LinuxException {
        HostPath path = HostPath.of(name);
        try (OpenedFile file = opened(name, OpenRequest.RECORDED_OBJECT)) {
            holdings.put(new FileRecord(
                    id,
                    file.identity(),
                    linux.fileSystems().status(file).id(),
                    path,
                    path,
                    linux.handles().of(file),
                    holdings.bootId(),
                    Optional.empty(),
                    Optional.empty(),
                    Set.of(),
                    Sharing.EXCLUSIVE,
                    Optional.empty()));
        }
    }

    /** @param disks by the numbers of their records, from 1 on */
    private void runs(VmRecord.Phase phase, String... disks) {
        List<FileHold> holds = new ArrayList<>();
        for (String disk : disks) {
            OptionalLong id = OptionalLong.of(holds.size() + 1);
            holds.add(new FileHold(
                    id,
                    HostPath.of(disk),
                    Treatment.PASS,
                    "a disk",
                    List.of(),
                    new HoldTrigger.Start(),
                    List.of(),
                    false));
        }
        String level = "s0:c1,c2";
        holdings.put(new VmRecord(
                VM,
                phase,
                new VmContexts(
                        Level.parse(level).orElseThrow(),
                        context("svirt_t:" + level),
                        context("svirt_image_t:" + level),
                        context("virt_content_t:s0"),
                        context("svirt_image_t:s0")),
                Optional.empty(),
                new VmRecord.Confinement(true, true),
                holds,
                List.of(),
                List.of(),
                new VmRecord.Start(holdings.bootId(), StartedBy.LAUNCHER, Optional.empty())));
    }

    private void registerPool() throws LinuxException {
        try (OpenedFile root = opened("/pool", OpenRequest.DIRECTORY)) {
            Storage storage = ((MountedStorages.Found) places.mounted().look(root)).storage();
            known.now(Map.of(POOL, storage));
        }
    }

    private Set<SharedFile> files() {
        Mine mine = registry.mine() instanceof Answer.Given<Mine>(Mine given) ? given : new Mine(List.of(), List.of());
        return mine.vms().stream()
                .filter(vm -> vm.name().equals(VM))
                .findFirst()
                .map(Mine.HostedVm::files)
                .orElse(Set.of());
    }

    @Test
    void files_are_told_when_their_storage_is_registered_after_the_host_has_joined() throws LinuxException {
        registration.register();
        assertThat(files()).isEmpty();

        registerPool();
        registration.register();
        assertThat(files()).hasSize(1);
    }

    @Test
    void a_vm_that_starts_is_told_when_it_runs_and_a_rebuild_waits_for_it() throws LinuxException {
        registerPool();
        runs(VmRecord.Phase.STARTING, DISK);
        registration.register();
        assertThat(files()).isEmpty();
        assertThat(told).isEmpty();

        runs(VmRecord.Phase.RUNNING, DISK);
        registration.register();
        assertThat(files()).hasSize(1);
        assertThat(told).containsExactly(List.of());
    }

    @Test
    void a_file_that_comes_on_record_later_is_told() throws LinuxException {
        registerPool();
        registration.register();
        assertThat(files()).hasSize(1);

        fake.file("/pool/more", new byte[] {2});
        isRecorded(2, "/pool/more");
        runs(VmRecord.Phase.RUNNING, DISK, "/pool/more");
        registration.register();
        assertThat(files()).hasSize(2);
    }

    private void hasThePair(String vm) {
        assertThat(registry.claim(TestFiles.start(vm, new PairChoice.Given(PAIR))))
                .isInstanceOf(ClaimOutcome.Claimed.class);
    }

    private void ends(String vm) {
        TestFiles.done(registry.end(new VmName(vm)));
        TestFiles.given(registry.settle(Set.of()));
    }

    private boolean isPairOf(Predicate<VmName> who) {
        return TestFiles.given(registry.mine()).vms().stream()
                .anyMatch(vm -> vm.pair().equals(PAIR) && who.test(vm.name()));
    }

    @Test
    void what_is_in_the_way_is_tried_again_when_the_other_hosts_have_cleared_what_they_had() throws LinuxException {
        registerPool();
        rebuild = rebuild(Set.of(HOST, OTHER));
        link.lookForRebuild();
        hasThePair("stale");
        registration.register();
        assertThat(files()).isEmpty();
        assertThat(told).isEmpty();
        assertThat(cleared).isEqualTo(1);

        ends("stale");
        registration.register();
        assertThat(files()).hasSize(1);
        assertThat(isPairOf(VM::equals)).isTrue();
        assertThat(told).containsExactly(List.of());
    }

    @Test
    void a_vm_at_another_pair_gets_its_own_when_that_is_free() throws LinuxException {
        registerPool();
        hasThePair("foreign");
        registration.register();
        assertThat(files())
                .as("all have cleared, so it is told under another pair")
                .hasSize(1);
        assertThat(told)
                .singleElement()
                .satisfies(conflicts -> assertThat(conflicts).hasSize(1));

        ends("foreign");
        registration.register();
        assertThat(isPairOf(ReservedPair::is)).as("nobody else gets it").isTrue();
        registration.register();
        assertThat(told.getLast()).isEmpty();
    }

    @Test
    void files_on_a_file_system_that_is_registered_later_do_not_keep_a_rebuild_waiting() {
        registration.register();
        registration.register();
        assertThat(told).containsExactly(List.of());
    }

    @Test
    void a_rebuild_waits_for_a_file_that_cannot_be_looked_at() throws LinuxException {
        registerPool();
        fake.faults().failAlways("fstatfs", DISK, Errno.EIO);
        registration.register();
        registration.register();
        assertThat(files()).isEmpty();
        assertThat(told).isEmpty();

        fake.faults().clear();
        registration.register();
        assertThat(files()).hasSize(1);
        assertThat(told).containsExactly(List.of());
    }

    @Test
    void a_rebuild_waits_for_a_file_that_is_not_found_until_its_vm_has_ended() throws LinuxException {
        registerPool();
        fake.delete(DISK);
        fake.file(DISK, new byte[] {2});
        for (String near : List.of(DISK, "/pool/x")) {
            fake.faults().failAlways("open_by_handle_at", near, Errno.EIO);
        }
        registration.register();
        assertThat(told).isEmpty();

        holdings.remove(VM);
        registration.register();
        assertThat(told).containsExactly(List.of());
    }

    @Test
    void a_rebuild_does_not_wait_for_a_file_that_is_deleted() throws LinuxException {
        registerPool();
        fake.delete(DISK);
        registration.register();
        assertThat(told).containsExactly(List.of());
    }

    @Test
    void no_shared_file_system_is_local_before_the_storages_are_known() {
        assertThat(places.unregistered()).isEqualTo(ClusterConfig.Unregistered.REFUSE);
        known.now(Map.of());
        assertThat(places.unregistered()).isEqualTo(ClusterConfig.Unregistered.LOCAL);
    }
}
