package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.cluster.ManyHosts.Extent;
import labeler.mcs.CategoryRange;
import org.junit.jupiter.api.Test;

/**
 * Many hosts start and end VMs in one cluster, out of few pairs. {@code ./dev bench cluster scale} does the same with a thousand
 * hosts and all pairs; the properties are those of {@link ManyHosts}.
 */
class ManyHostsTest {
    /** 780 pairs, of which two thirds are taken: many starts draw one that another host has. */
    private static final CategoryRange FEW = CategoryRange.parse("c0.c39").orElseThrow();

    private static final Extent SHORT = new Extent(40, 1, 6, 600, 3600, 8, FEW);

    @Test
    void no_pair_and_no_disk_has_two_vms_at_one_time() throws Exception {
        Extent extent = Extent.ofProperties(SHORT);
        String seed = "-Dlabeler.seed=" + ManyHosts.SEED;
        System.out.println(extent + " " + seed);
        try (ManyHosts hosts = ManyHosts.begun(extent, HostsStore.Real.started())) {
            hosts.fillReserves();
            int reserved = hosts.held().count();
            hosts.startAndEnd();

            assertThat(hosts.audit()).as(seed).isEmpty();
            assertThat(hosts.tally().starts()).as(seed).isGreaterThanOrEqualTo(extent.starts());
            assertThat(hosts.tally().drawnAgain())
                    .as("pairs that another host had; " + seed)
                    .isPositive();
            assertThat(hosts.held().count())
                    .as("the reserves, and the VMs that run")
                    .isEqualTo(reserved
                            + Math.toIntExact(
                                    hosts.tally().starts() - hosts.tally().ends()));

            hosts.stopAll();
            assertThat(hosts.audit()).as(seed).isEmpty();
            assertThat(hosts.held().count()).as("the reserves alone are left").isEqualTo(reserved);
            assertThat(hosts.files()).as(seed).isEqualTo(List.of());
        }
    }
}
