package labeler.registry.etcd;

import static labeler.registry.TestFiles.CONTENT;
import static labeler.registry.TestFiles.ORIGINAL;
import static labeler.registry.TestFiles.STORAGE;
import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.claimed;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.read;
import static labeler.registry.TestFiles.refused;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
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
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.plan.Sharing;
import labeler.registry.Answer;
import labeler.registry.Claim;
import labeler.registry.ClaimOutcome;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.Standing;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

/** The invariants, between two hosts at once. */
class TwoHostsTest extends TwoRegistries {
    private static final CategoryPair ONE = CategoryPair.of(1, 2);
    private static final CategoryPair OTHER = CategoryPair.of(3, 4);

    @Test
    void a_pair_has_one_owner_in_the_cluster() {
        started(left, start("web", drawing(ONE), disk(1)));

        assertThat(refused(right.claim(start("web", new PairChoice.Given(ONE)))))
                .isEqualTo(new Refusal.PairTaken(ONE, new HostName("left")));
        assertThat(started(right, start("web", drawing(ONE, OTHER), disk(2))).pair())
                .isEqualTo(OTHER);
    }

    @Test
    void a_disk_has_one_vm_in_the_cluster_and_the_refusal_names_the_host() {
        started(left, start("web", drawing(ONE), disk(1)));

        assertThat(refused(right.claim(start("mail", drawing(OTHER), disk(1)))))
                .isInstanceOfSatisfying(
                        Refusal.InUse.class, use -> assertThat(use.hosts()).containsExactly(new HostName("left")));
    }

    @Test
    void nobody_joins_a_file_whose_label_nobody_has_read() throws Exception {
        Claim claim = claimed(left.claim(start("web", drawing(ONE), base(1))));
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Claim> joining = threads.submit(() -> started(right, start("mail", drawing(OTHER), base(1))));
            assertThat(refusedToAThirdHost(base(1))).isInstanceOf(Refusal.Busy.class);
            assertThat(joining.isDone()).isFalse();
            done(left.originals(claim, read(claim, ORIGINAL)));
            assertThat(joining.get().joined())
                    .containsExactly(Map.entry(
                            file(1), new Claim.JoinedFile(Optional.of(ORIGINAL), Optional.of(CONTENT), Set.of())));
        }
    }

    @Test
    void the_last_of_all_hosts_gives_back_and_nobody_joins_until_it_has() throws Exception {
        started(left, start("web", drawing(ONE), base(1)));
        started(right, start("mail", drawing(OTHER), base(1)));
        assertThat(ended(left, "web", Set.of(file(1)))).isEmpty();
        List<ToRestore> restore = given(right.leave(vm("mail"), Set.of(file(1))));
        assertThat(restore).extracting(ToRestore::original).containsExactly(Optional.of(ORIGINAL));

        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Claim> joining = threads.submit(() -> started(left, start("web", drawing(ONE), base(1))));
            assertThat(refusedToAThirdHost(base(1))).isInstanceOf(Refusal.Busy.class);
            assertThat(joining.isDone()).isFalse();
            done(right.restored(restore));
            assertThat(joining.get().unread()).containsExactly(file(1));
        }
    }

    @Test
    void of_two_that_leave_at_once_exactly_one_gives_back() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 50; round++) {
                started(left, start("web", drawing(ONE), base(1)));
                started(right, start("mail", drawing(OTHER), base(1)));
                List<Callable<List<ToRestore>>> leaves = List.of(
                        () -> given(left.leave(vm("web"), Set.of(file(1)))),
                        () -> given(right.leave(vm("mail"), Set.of(file(1)))));
                List<Integer> counts = new ArrayList<>();
                for (Future<List<ToRestore>> leave : threads.invokeAll(leaves)) {
                    counts.add(leave.get().size());
                    done(left.restored(leave.get()));
                    done(right.restored(leave.get()));
                }
                assertThat(counts).containsExactlyInAnyOrder(0, 1);
                done(left.end(vm("web")));
                done(right.end(vm("mail")));
                given(left.settle(Set.of()));
                given(right.settle(Set.of()));
            }
        }
        assertThat(cluster.left()).isEmpty();
    }

    @Test
    void silence_frees_nothing_and_a_fenced_host_keeps_its_pair() throws IOException {
        started(left, start("web", drawing(ONE), disk(1), base(2)));
        started(right, start("mail", drawing(OTHER), base(2)));
        left.close();
        assertThat(right.takeOver(new HostName("left"), Set.of(STORAGE)))
                .isEqualTo(new Answer.Refused<>(new Refusal.NotFenced(new HostName("left"))));

        done(cluster.administration().fence(new HostName("left")));
        List<ToRestore> taken = given(right.takeOver(new HostName("left"), Set.of(STORAGE)));
        assertThat(taken).extracting(ToRestore::file).containsExactly(file(1));
        assertThat(given(right.takeOver(new HostName("left"), Set.of(STORAGE))))
                .as("said twice")
                .isEqualTo(taken);
        assertThat(given(right.mine()).restoring()).as("after a restart").isEqualTo(taken);
        done(right.restored(taken));
        given(right.settle(Set.of()));

        assertThat(started(right, start("db", drawing(ONE, CategoryPair.of(5, 6)), disk(1)))
                        .pair())
                .as("its pair may be on a process that nobody stopped")
                .isEqualTo(CategoryPair.of(5, 6));
    }

    @Test
    void a_fenced_host_that_comes_back_keeps_its_pair_until_its_disk_has_gone_back() {
        started(left, start("web", drawing(ONE), disk(1)));
        done(cluster.administration().fence(new HostName("left")));
        List<ToRestore> taken = given(right.takeOver(new HostName("left"), Set.of(STORAGE)));

        given(left.mine());
        assertThat(ended(left, "web", Set.of(file(1)))).isEmpty();
        assertThat(refused(left.claim(start("mail", new PairChoice.Given(ONE)))))
                .isInstanceOf(Refusal.PairTaken.class);

        done(right.restored(taken));
        given(right.settle(Set.of()));
        given(left.settle(Set.of()));
        assertThat(claimed(left.claim(start("mail", new PairChoice.Given(ONE)))).pair())
                .isEqualTo(ONE);
    }

    @Test
    void a_fenced_host_changes_nothing_before_it_has_recovered() throws IOException {
        Claim claim = claimed(left.claim(start("web", drawing(ONE), disk(1))));
        done(cluster.administration().fence(new HostName("left")));

        assertThat(left.originals(claim, read(claim, ORIGINAL))).containsInstanceOf(Refusal.Outdated.class);
        assertThat(left.leave(vm("web"), Set.of(file(1))))
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Outdated.class));
        assertThat(given(right.takeOver(new HostName("left"), Set.of(STORAGE))))
                .as("nobody has read its label, so nobody has set one")
                .isEmpty();

        assertThat(given(left.mine()).vms()).hasSize(1);
        assertThat(ended(left, "web", Set.of(file(1)))).isEmpty();
        given(right.settle(Set.of()));
        assertThat(cluster.left()).isEmpty();
    }

    @Test
    void an_earlier_service_of_a_host_changes_nothing_any_more() throws IOException {
        started(left, start("web", drawing(ONE), disk(1)));
        EtcdRegistry next = cluster.begun("left");

        assertThat(refused(left.claim(start("mail", drawing(OTHER), disk(2))))).isInstanceOf(Refusal.Outdated.class);
        assertThat(ended(next, "web", Set.of(file(1)))).hasSize(1);
        next.close();
    }

    @Test
    void a_vm_moves_and_each_end_leaves_every_label_right() {
        started(left, start("web", drawing(ONE), disk(1), base(2)));
        Claim moved = started(right, start("web", new PairChoice.Moving(), disk(1), base(2)));

        assertThat(moved.pair()).isEqualTo(ONE);
        assertThat(moved.unread()).isEmpty();
        assertThat(ended(left, "web", Set.of(file(1), file(2))))
                .as("the source ends")
                .isEmpty();
        assertThat(refused(left.claim(start("mail", new PairChoice.Given(ONE)))))
                .isInstanceOf(Refusal.PairTaken.class);
        Claim back = started(left, start("web", new PairChoice.Moving(), disk(1), base(2)));
        assertThat(back.pair()).isEqualTo(ONE);
        assertThat(ended(left, "web", Set.of(file(1), file(2))))
                .as("a failed move")
                .isEmpty();
        assertThat(ended(right, "web", Set.of(file(1), file(2)))).hasSize(2);
        assertThat(cluster.left()).isEmpty();
    }

    @Test
    void a_vm_that_moves_takes_nothing_that_another_vm_has_alone() {
        WantedFile raw = new WantedFile(file(7), "raw", Sharing.EXCLUSIVE, _ -> Optional.empty());
        started(left, start("db", drawing(OTHER), raw));
        started(left, start("web", drawing(ONE), disk(1)));

        assertThat(refused(right.claim(start("web", new PairChoice.Moving(), disk(1), raw))))
                .isInstanceOf(Refusal.InUse.class);
        assertThat(cluster.left()).noneMatch(key -> key.endsWith("/h/right"));
    }

    @Test
    void a_vm_with_a_label_of_its_own_starts_again_before_its_last_run_is_settled() {
        started(left, start("web", new PairChoice.Given(ONE), disk(1)));
        done(left.restored(given(left.leave(vm("web"), Set.of(file(1))))));
        done(left.end(vm("web")));
        assertThat(given(left.settle(Set.of(ONE)))).isEmpty();

        assertThat(refused(left.claim(start("mail", new PairChoice.Given(ONE), disk(2)))))
                .as("another VM waits")
                .isEqualTo(new Refusal.PairTaken(ONE, new HostName("left")));
        assertThat(refused(right.claim(start("web", new PairChoice.Given(ONE), disk(2)))))
                .as("another host as well")
                .isEqualTo(new Refusal.PairTaken(ONE, new HostName("left")));
        assertThat(started(left, start("web", new PairChoice.Given(ONE), disk(1)))
                        .pair())
                .isEqualTo(ONE);
        given(left.settle(Set.of()));
        assertThat(refused(right.claim(start("web", new PairChoice.Given(ONE), disk(2)))))
                .isEqualTo(new Refusal.PairTaken(ONE, new HostName("left")));
        assertThat(ended(left, "web", Set.of(file(1)))).hasSize(1);
        assertThat(cluster.left()).isEmpty();
    }

    @Test
    void a_pair_that_a_file_carries_is_not_freed_by_two_hosts_that_rely_on_each_other() throws IOException {
        AtomicInteger asked = new AtomicInteger(Integer.MIN_VALUE);
        try (WatchedMembers members = new WatchedMembers(Gateway.to(server.settings()), (_, reply) -> {
            // It has listed what it has, and has seen that the other host has the pair as well.
            if (asked.incrementAndGet() == 2) {
                given(right.settle(Set.of()));
            }
            return reply;
        })) {
            EtcdRegistry source = cluster.of("left", members, server.settings().patience());
            given(source.mine());
            started(source, start("web", drawing(ONE), disk(1)));
            started(right, start("web", new PairChoice.Moving(), disk(1)));
            given(source.leave(vm("web"), Set.of(file(1))));
            done(source.end(vm("web")));
            List<ToRestore> restore = given(right.leave(vm("web"), Set.of(file(1))));
            done(right.end(vm("web")));

            asked.set(0);
            given(source.settle(Set.of()));
            given(source.settle(Set.of()));
            assertThat(refused(right.claim(start("mail", new PairChoice.Given(ONE), disk(2)))))
                    .isInstanceOf(Refusal.PairTaken.class);

            done(right.restored(restore));
            given(source.settle(Set.of()));
            given(right.settle(Set.of()));
            assertThat(cluster.left()).isEmpty();
        }
    }

    @Test
    void a_host_that_was_fenced_and_runs_all_the_same_does_not_take_its_disk_again() {
        WantedFile raw = new WantedFile(file(7), "raw", Sharing.EXCLUSIVE, _ -> Optional.empty());
        started(left, start("web", drawing(ONE), raw, disk(1)));
        done(cluster.administration().fence(new HostName("left")));
        done(right.restored(given(right.takeOver(new HostName("left"), Set.of(STORAGE)))));
        started(right, start("db", drawing(OTHER), raw, disk(1)));

        assertThat(left.standing(file(1)))
                .as("before it has begun anew")
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Outdated.class));
        assertThat(given(left.mine()).lost()).containsExactlyInAnyOrder(file(7), file(1));
        assertThat(given(left.standing(file(1)))).isEqualTo(new Standing.Nothing(Set.of(new HostName("right"))));
        assertThat(given(right.standing(file(1)))).isEqualTo(new Standing.Held());
        for (WantedFile again : List.of(raw, disk(1))) {
            assertThat(refused(left.claim(start("web", new PairChoice.Kept(), again))))
                    .isInstanceOfSatisfying(
                            Refusal.InUse.class, use -> assertThat(use.hosts()).containsExactly(new HostName("right")));
        }
    }

    @Test
    void only_the_same_vm_moves() {
        started(left, start("web", drawing(ONE), disk(1)));

        assertThat(refused(right.claim(start("mail", new PairChoice.Moving(), disk(1)))))
                .isInstanceOf(Refusal.NotMoving.class);
    }

    @Test
    void another_machine_cannot_take_a_hosts_name() {
        assertThat(cluster.administration().join(new Self(new HostName("left"), "another", "boot")))
                .containsInstanceOf(Refusal.Outdated.class);
    }

    @Test
    void a_machine_with_a_hosts_identity_begins_nothing_while_the_host_is_heard() throws IOException {
        started(left, start("web", drawing(ONE), disk(1)));
        done(left.beat());
        Self own = TestCluster.self("left");
        try (EtcdRegistry copy = cluster.of(new Self(own.host(), own.machine(), "another boot"))) {
            assertThat(copy.mine())
                    .isInstanceOfSatisfying(
                            Answer.Refused.class,
                            refused -> assertThat(refused.refusal().message()).contains("another boot"));
        }
        assertThat(given(left.leave(vm("web"), Set.of(file(1))))).hasSize(1);

        try (EtcdRegistry next = cluster.of(own)) {
            assertThat(given(next.mine()).vms()).as("of the same boot").hasSize(1);
        }
    }

    @Test
    void a_host_that_was_rebooted_begins_when_nobody_is_heard_as_it() throws IOException {
        Self own = TestCluster.self("left");
        try (EtcdRegistry rebooted = cluster.of(new Self(own.host(), own.machine(), "next boot"))) {
            given(rebooted.mine());
            done(rebooted.beat());
            assertThat(left.mine()).isInstanceOf(Answer.Refused.class);
        }
    }

    @Test
    void a_host_that_did_not_join_gets_nothing() throws IOException {
        try (EtcdRegistry stranger = cluster.of("stranger")) {
            assertThat(stranger.claim(start("web", drawing(ONE), disk(1))))
                    .isInstanceOfSatisfying(
                            ClaimOutcome.NotClaimed.class,
                            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Outdated.class));
            assertThat(stranger.mine())
                    .isEqualTo(new Answer.Refused<>(new Refusal.NotJoined(new HostName("stranger"))));
        }
    }

    @Test
    void without_an_answer_nothing_starts_and_what_was_begun_is_taken_back() throws Exception {
        server.kill();
        try (EtcdRegistry impatient = cluster.of("left", Gateway.to(server.settings()), Duration.ofMillis(300))) {
            assertThat(impatient.mine()).isInstanceOf(Answer.Refused.class);
        }
        server.run();
        server.await(server.settings());
        started(right, start("web", drawing(ONE), disk(1)));
    }

    /** Why a host with less patience than the others, which began to wait before, gives up a claim of the file. */
    private Refusal refusedToAThirdHost(WantedFile wanted) throws IOException {
        cluster.begun("third").close();
        Members members = Gateway.to(server.settings());
        try (EtcdRegistry impatient = cluster.of("third", members, Duration.ofSeconds(1))) {
            given(impatient.mine());
            return refused(impatient.claim(start("third", drawing(CategoryPair.of(5, 6)), wanted)));
        }
    }
}
