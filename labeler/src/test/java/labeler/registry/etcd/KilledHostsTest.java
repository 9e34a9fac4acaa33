package labeler.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Hosts start and stop VMs on shared files over a real etcd, move them to each other, and are killed before and after each
 * question. Questions and answers get lost, and questions arrive twice and late. {@code -Dlabeler.registry.kills=N} kills more often,
 * {@code -Dlabeler.registry.seed=N} repeats a run as far as threads allow.
 */
class KilledHostsTest {
    private static final long KILLS = Long.getLong("labeler.registry.kills", 3000);
    private static final long SEED = Long.getLong("labeler.registry.seed", System.nanoTime());

    @Test
    void every_label_goes_back_and_no_pair_and_no_disk_has_two_vms() throws Exception {
        System.out.println("hosts are killed with -Dlabeler.registry.seed=" + SEED);
        try (EtcdServer server = EtcdServer.start();
                TestCluster cluster = TestCluster.in(server.settings());
                SimulatedHosts hosts = new SimulatedHosts(cluster, KILLS, SEED)) {
            hosts.run();
            System.out.println(hosts);

            assertThat(hosts.kills()).isGreaterThanOrEqualTo(KILLS);
            assertThat(hosts.moves()).isPositive();
            assertThat(hosts.audit()).as("seed " + SEED).isEmpty();
            assertThat(cluster.left()).as("seed " + SEED).isEmpty();
        }
    }
}
