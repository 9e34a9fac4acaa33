package labeler.registry.etcd;

import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import labeler.etcd.Gateway;
import labeler.registry.Answer;
import labeler.registry.ClaimOutcome;
import labeler.registry.Refusal;
import labeler.registry.ToRestore;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members of the registry die, are cut off, and hang. */
class MembersIT {
    private static final CategoryPair ONE = CategoryPair.of(1, 2);
    private static final CategoryPair OTHER = CategoryPair.of(3, 4);
    private static final long KILLS = Long.getLong("labeler.registry.kills", 300);
    private static final long SEED = Long.getLong("labeler.registry.seed", System.nanoTime());

    private static EtcdNetwork network;

    private TestCluster cluster;
    private EtcdRegistry left;
    private EtcdRegistry right;

    @BeforeAll
    static void startMembers() throws IOException, InterruptedException {
        network = EtcdNetwork.start();
    }

    @AfterAll
    static void stopMembers() throws IOException {
        network.close();
    }

    @BeforeEach
    void begin() throws IOException {
        cluster = TestCluster.in(network.settings());
        left = cluster.begun("left");
        right = cluster.begun("right");
    }

    @AfterEach
    void end() {
        left.close();
        right.close();
        cluster.close();
    }

    private void startAndEnd() {
        started(left, start("web", drawing(ONE), disk(1), base(9)));
        started(right, start("mail", drawing(OTHER), disk(2), base(9)));
        assertThat(ended(left, "web", Set.of(file(1), file(9)))).hasSize(1);
        assertThat(ended(right, "mail", Set.of(file(2), file(9)))).hasSize(2);
        assertThat(cluster.left()).isEmpty();
    }

    @Test
    void a_member_dies_and_vms_start() throws Exception {
        int leader = network.leader();
        network.kill(leader);
        try {
            startAndEnd();
        } finally {
            network.run(leader);
            network.await();
        }
    }

    @Test
    void a_member_is_cut_off_and_vms_start() throws Exception {
        int leader = network.leader();
        network.cutOff(leader);
        try {
            startAndEnd();
        } finally {
            network.heal(leader);
            network.await();
        }
    }

    @Test
    void a_member_hangs_and_vms_start() throws Exception {
        int leader = network.leader();
        network.pause(leader);
        try {
            startAndEnd();
        } finally {
            network.resume(leader);
            network.await();
        }
    }

    @Test
    void without_a_majority_nothing_starts_and_nothing_is_freed() throws Exception {
        started(left, start("web", drawing(ONE), disk(1)));
        network.kill(2);
        network.kill(3);
        try (EtcdRegistry impatient = cluster.of("right", Gateway.to(network.settings()), Duration.ofSeconds(3))) {
            assertThat(impatient.mine()).isInstanceOf(Answer.Refused.class);
            assertThat(left.claim(start("db", drawing(OTHER), disk(2))))
                    .isInstanceOfSatisfying(
                            ClaimOutcome.NotClaimed.class,
                            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.Unreachable.class));
            assertThat(left.leave(vm("web"), Set.of(file(1)))).isInstanceOf(Answer.Refused.class);
        } finally {
            network.run(2);
            network.run(3);
            network.await();
        }
        assertThat(given(left.settle(Set.of()))).isEmpty();
        List<ToRestore> restore = ended(left, "web", Set.of(file(1)));
        assertThat(restore).extracting(ToRestore::file).containsExactly(file(1));
        assertThat(cluster.left()).as("the start that nobody answered").isEmpty();
    }

    @Test
    void hosts_and_members_die_together_and_every_label_goes_back() throws Exception {
        System.out.println("hosts and members die with -Dlabeler.registry.seed=" + SEED);
        AtomicBoolean isOver = new AtomicBoolean();
        Thread failures = Thread.ofPlatform().start(() -> fail(isOver));
        try (SimulatedHosts hosts = new SimulatedHosts(cluster, KILLS, SEED)) {
            try {
                hosts.run(() -> {
                    isOver.set(true);
                    failures.join();
                    network.await();
                });
            } finally {
                isOver.set(true);
                failures.join();
            }
            System.out.println(hosts);
            assertThat(hosts.audit()).as("seed " + SEED).isEmpty();
            assertThat(cluster.left()).as("seed " + SEED).isEmpty();
        }
    }

    /** One member after the other fails for a while. */
    private static void fail(AtomicBoolean isOver) {
        Random random = new Random(SEED);
        try {
            while (!isOver.get()) {
                int member = 1 + random.nextInt(EtcdNetwork.MEMBERS);
                switch (random.nextInt(3)) {
                    case 0 -> {
                        network.kill(member);
                        Thread.sleep(500);
                        network.run(member);
                    }
                    case 1 -> {
                        network.cutOff(member);
                        Thread.sleep(1500);
                        network.heal(member);
                    }
                    default -> {
                        network.pause(member);
                        Thread.sleep(1500);
                        network.resume(member);
                    }
                }
                Thread.sleep(1000);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
