package labeler.registry.etcd;

import static labeler.registry.TestFiles.STORAGE;
import static labeler.registry.TestFiles.claimed;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.linux.FileHandle;
import labeler.registry.HostName;
import labeler.registry.KnownHost;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.ReservedPair;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an administrator does with a cluster. */
class AdministrationTest {
    private static final HostName LEFT = new HostName("left");
    private static final HostName RIGHT = new HostName("right");
    private static final CategoryPair ONE = CategoryPair.of(1, 2);

    private EtcdServer server;
    private TestCluster cluster;
    private EtcdRegistry left;
    private EtcdRegistry right;

    @BeforeEach
    void begin() throws IOException, InterruptedException {
        server = EtcdServer.start();
        cluster = TestCluster.in(server.settings());
        left = cluster.begun("left");
        right = cluster.begun("right");
    }

    @AfterEach
    void end() throws IOException {
        left.close();
        right.close();
        cluster.close();
        server.close();
    }

    @Test
    void hosts_are_shown_with_what_is_known_of_them() {
        started(left, start("web", drawing(ONE), disk(1)));
        done(left.beat());
        done(cluster.administration().fence(RIGHT));

        assertThat(given(cluster.administration().hosts()))
                .containsExactly(new KnownHost(LEFT, true, false, 1), new KnownHost(RIGHT, false, true, 0));
        assertThat(right.beat()).containsInstanceOf(Refusal.Outdated.class);
    }

    @Test
    void a_fenced_host_that_begins_anew_in_the_same_boot_was_not_off() {
        started(left, start("web", drawing(ONE), disk(1)));
        done(cluster.administration().fence(LEFT));

        assertThat(given(cluster.administration().hasComeBack(LEFT, () -> false)))
                .isFalse();
        assertThat(given(cluster.administration().hasComeBack(LEFT, () -> {
                    given(left.mine());
                    return true;
                })))
                .isTrue();
    }

    @Test
    void a_fenced_host_that_has_booted_since_was_off_and_is_waited_for_no_longer() throws IOException {
        started(left, start("web", drawing(ONE), disk(1)));
        done(cluster.administration().fence(LEFT));
        AtomicInteger looks = new AtomicInteger();
        Self rebooted = new Self(LEFT, TestCluster.self("left").machine(), "next-boot");
        try (EtcdRegistry next = cluster.of(rebooted)) {
            assertThat(given(cluster.administration().hasComeBack(LEFT, () -> {
                        given(next.mine());
                        return looks.incrementAndGet() < 5;
                    })))
                    .isFalse();
        }
        assertThat(looks).hasValue(1);
    }

    @Test
    void a_fenced_host_without_vms_is_not_waited_for() {
        done(cluster.administration().fence(LEFT));
        AtomicInteger looks = new AtomicInteger();
        assertThat(given(cluster.administration().hasComeBack(LEFT, () -> looks.incrementAndGet() < 5)))
                .isFalse();
        assertThat(looks).hasValue(0);
    }

    @Test
    void a_host_leaves_only_without_vms() {
        started(left, start("web", drawing(ONE), disk(1)));
        assertThat(cluster.administration().leave(LEFT)).containsInstanceOf(Refusal.HostHolds.class);

        ended(left, "web", Set.of(file(1)));
        done(cluster.administration().leave(LEFT));
        assertThat(given(cluster.administration().hosts()))
                .extracting(KnownHost::name)
                .containsExactly(RIGHT);
    }

    @Test
    void a_host_leaves_with_the_pairs_that_it_took_in_advance() {
        started(left, start(ReservedPair.name(0).value(), drawing(ONE)));
        assertThat(given(cluster.administration().hosts()))
                .extracting(KnownHost::vms)
                .containsExactly(0, 0);

        done(cluster.administration().leave(LEFT));
        assertThat(cluster.left()).isEmpty();
        assertThat(claimed(right.claim(start("mail", new PairChoice.Given(ONE))))
                        .pair())
                .isEqualTo(ONE);
    }

    @Test
    void a_host_is_forgotten_only_after_it_was_fenced_and_its_files_went_back() {
        started(left, start("web", drawing(ONE), disk(1)));
        assertThat(cluster.administration().forget(LEFT)).containsInstanceOf(Refusal.NotFenced.class);

        done(cluster.administration().fence(LEFT));
        assertThat(cluster.administration().forget(LEFT)).containsInstanceOf(Refusal.HostHolds.class);

        done(right.restored(given(right.takeOver(LEFT, Set.of(STORAGE)))));
        done(cluster.administration().forget(LEFT));
        assertThat(claimed(right.claim(start("mail", new PairChoice.Given(ONE))))
                        .pair())
                .isEqualTo(ONE);
        assertThat(given(cluster.administration().hosts()))
                .extracting(KnownHost::name)
                .containsExactly(RIGHT);
    }

    /** What a fenced host took over stands under a key that ends so. */
    @Test
    void a_vm_with_the_name_taken_is_one_as_any_other() {
        started(left, start("taken", drawing(ONE), disk(1)));
        assertThat(given(cluster.administration().hosts()))
                .extracting(KnownHost::vms)
                .containsExactly(1, 0);
        assertThat(cluster.administration().leave(LEFT)).containsInstanceOf(Refusal.HostHolds.class);
        done(cluster.administration().fence(LEFT));
        assertThat(cluster.administration().forget(LEFT)).containsInstanceOf(Refusal.HostHolds.class);

        done(right.restored(given(right.takeOver(LEFT, Set.of(STORAGE)))));
        done(cluster.administration().forget(LEFT));
        assertThat(cluster.left()).noneMatch(key -> key.contains("/vms/left/"));
    }

    @Test
    void a_host_that_dies_while_it_gives_back_for_another_is_forgotten_as_well() throws IOException {
        HostName third = new HostName("third");
        try (EtcdRegistry last = cluster.begun("third")) {
            started(left, start("web", drawing(ONE), disk(1)));
            done(cluster.administration().fence(LEFT));
            assertThat(given(right.takeOver(LEFT, Set.of(STORAGE)))).hasSize(1);
            done(cluster.administration().fence(RIGHT));
            assertThat(cluster.administration().forget(RIGHT)).containsInstanceOf(Refusal.HostHolds.class);

            done(last.restored(given(last.takeOver(RIGHT, Set.of(STORAGE)))));
            done(cluster.administration().forget(RIGHT));
            done(cluster.administration().forget(LEFT));
            given(last.settle(Set.of()));
        }
        assertThat(cluster.left()).isEmpty();
        assertThat(given(cluster.administration().hosts()))
                .extracting(KnownHost::name)
                .containsExactly(third);
    }

    @Test
    void a_storage_has_one_name_and_one_root() {
        Storage storage = new Storage("nfs4", "fsid-7", new FileHandle(1, new byte[] {1, 2, 3}));
        done(cluster.administration().addStorage(STORAGE, storage));
        done(cluster.administration().addStorage(STORAGE, storage));

        assertThat(cluster.administration()
                        .addStorage(STORAGE, new Storage("nfs4", "fsid-7", new FileHandle(1, new byte[] {4}))))
                .contains(new Refusal.AnotherStorage(STORAGE, STORAGE));
        assertThat(given(cluster.administration().storages())).isEqualTo(Map.of(STORAGE, storage));
    }

    @Test
    void a_file_system_has_one_name_and_one_root() {
        Storage storage = new Storage("nfs4", "fsid-7", new FileHandle(1, new byte[] {1, 2, 3}));
        Storage part = new Storage("nfs4", "fsid-7", new FileHandle(1, new byte[] {4}));
        StorageName other = new StorageName("other");
        done(cluster.administration().addStorage(STORAGE, storage));
        for (Storage again : List.of(storage, part)) {
            assertThat(cluster.administration().addStorage(other, again))
                    .contains(new Refusal.AnotherStorage(other, STORAGE));
        }
        Storage another = new Storage("nfs4", "fsid-8", storage.root());
        done(cluster.administration().addStorage(other, another));
        assertThat(given(cluster.administration().storages())).isEqualTo(Map.of(STORAGE, storage, other, another));
        assertThat(cluster.left()).isEmpty();
    }

    @Test
    void of_names_that_are_given_to_a_file_system_at_once_one_stays() throws Exception {
        Storage storage = new Storage("nfs4", "fsid-7", new FileHandle(1, new byte[] {1, 2, 3}));
        int names = 8;
        try (ExecutorService threads = Executors.newFixedThreadPool(names)) {
            List<Callable<Optional<Refusal>>> adding = new ArrayList<>();
            for (int name = 0; name < names; name++) {
                StorageName one = new StorageName("pool" + name);
                adding.add(() -> cluster.administration().addStorage(one, storage));
            }
            List<Optional<Refusal>> refusals = new ArrayList<>();
            for (Future<Optional<Refusal>> one : threads.invokeAll(adding)) {
                refusals.add(one.get());
            }
            assertThat(refusals).filteredOn(Optional::isEmpty).hasSize(1);
        }
        assertThat(given(cluster.administration().storages())).hasSize(1);
    }
}
