package labeler.registry.etcd;

import static labeler.registry.TestFiles.STORAGE;
import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.refused;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Mine;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The second invariant: no lease frees anything. Here every lease that there is ends, while a host holds files. */
class LeasesTest extends TwoRegistries {
    private static final HostName LEFT = new HostName("left");
    private static final CategoryPair ONE = CategoryPair.of(1, 2);
    private static final CategoryPair OTHER = CategoryPair.of(3, 4);

    private Leases leases;

    @BeforeEach
    void hold() throws IOException {
        leases = new Leases(cluster);
        started(left, start("web", drawing(ONE), disk(1), base(2)));
        done(left.beat());
        started(right, start("mail", drawing(OTHER), base(2)));
        given(left.leave(vm("web"), Set.of(file(2))));
        done(right.beat());
    }

    @AfterEach
    void close() {
        leases.close();
    }

    @Test
    void a_beat_is_the_only_key_with_a_lease() {
        assertThat(leases.keysWithLease()).containsExactlyInAnyOrder("hosts/left/alive", "hosts/right/alive");
    }

    @Test
    void the_end_of_every_lease_takes_the_beats_and_nothing_else() {
        List<String> before = leases.keys();

        leases.end();

        List<String> after = leases.keys();
        assertThat(before).contains("hosts/left/alive", "hosts/right/alive", "vms/left/web");
        assertThat(after).doesNotContain("hosts/left/alive", "hosts/right/alive");
        assertThat(before).filteredOn(key -> !key.endsWith("/alive")).containsExactlyElementsOf(after);
    }

    @Test
    void a_host_whose_lease_has_ended_keeps_its_disk_and_its_pair() {
        leases.end();

        assertThat(refused(right.claim(start("thief", drawing(CategoryPair.of(5, 6)), disk(1)))))
                .isInstanceOfSatisfying(
                        Refusal.InUse.class, use -> assertThat(use.hosts()).containsExactly(LEFT));
        assertThat(refused(right.claim(start("twin", new PairChoice.Given(ONE)))))
                .isEqualTo(new Refusal.PairTaken(ONE, LEFT));
        assertThat(right.takeOver(LEFT, Set.of(STORAGE))).isEqualTo(new Answer.Refused<>(new Refusal.NotFenced(LEFT)));
    }

    @Test
    void the_next_service_of_a_host_whose_lease_has_ended_finds_its_vm() throws IOException {
        leases.end();

        Self own = TestCluster.self("left");
        try (EtcdRegistry rebooted = cluster.of(new Self(own.host(), own.machine(), "next boot"))) {
            assertThat(given(rebooted.mine()).vms())
                    .extracting(Mine.HostedVm::name)
                    .containsExactly(vm("web"));
        }
    }
}
