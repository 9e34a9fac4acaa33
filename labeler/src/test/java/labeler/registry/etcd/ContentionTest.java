package labeler.registry.etcd;

import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.claimed;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.refused;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.etcd.Gateway;
import labeler.plan.Sharing;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

/** Claims that what other hosts do keeps from succeeding, while the registry answers. */
class ContentionTest extends TwoRegistries {
    private static final CategoryPair ONE = CategoryPair.of(1, 2);
    private static final CategoryPair OTHER = CategoryPair.of(3, 4);
    private static final int A_FEW = 12;

    private final AtomicInteger asked = new AtomicInteger();

    /** The host on the left, of which each question is counted, and is followed by something. */
    private EtcdRegistry watched(Duration patience, Runnable afterEach) throws IOException {
        WatchedMembers members = new WatchedMembers(Gateway.to(server.settings()), (_, reply) -> {
            asked.incrementAndGet();
            afterEach.run();
            return reply;
        });
        EtcdRegistry registry = cluster.of("left", members, patience);
        given(registry.mine());
        asked.set(0);
        return registry;
    }

    /** A commit into a base that VMs of both hosts read, say. */
    @Test
    void a_vm_does_not_write_what_another_host_reads_and_its_host_asks_a_few_times_only() throws IOException {
        try (EtcdRegistry reader = watched(server.settings().patience(), () -> {})) {
            started(reader, start("web", drawing(ONE), base(1)));
            started(right, start("mail", drawing(OTHER), base(1)));
            asked.set(0);
            assertThat(refused(reader.claim(start("web", new PairChoice.Kept(), disk(1)))))
                    .isEqualTo(new Refusal.InUse(
                            file(1), "images/1.qcow2", Sharing.CONTENT, Set.of(new HostName("right"))));
            assertThat(asked).hasValueLessThan(A_FEW);

            ended(right, "mail", Set.of(file(1)));
            claimed(reader.claim(start("web", new PairChoice.Kept(), disk(1))));
            assertThat(ended(reader, "web", Set.of(file(1)))).hasSize(1);
            assertThat(cluster.left()).isEmpty();
        }
    }

    /** The registry answers all the while, so nothing else has to wait. */
    @Test
    void a_claim_that_others_are_faster_than_says_so_and_not_that_nobody_answers() throws IOException {
        AtomicInteger turns = new AtomicInteger(Integer.MIN_VALUE);
        try (EtcdRegistry slow = watched(Duration.ofSeconds(1), () -> {
            int turn = turns.getAndIncrement();
            if (turn >= 0 && turn % 2 == 0) {
                started(right, start("mail", drawing(OTHER), base(1)));
            } else if (turn >= 0) {
                ended(right, "mail", Set.of(file(1)));
            }
        })) {
            started(right, start("mail", drawing(OTHER), base(1)));
            turns.set(1);
            assertThat(refused(slow.claim(start("web", drawing(ONE), base(1))))).isEqualTo(new Refusal.Contended());
        }
    }
}
