package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.registry.etcd.LongWays;
import org.junit.jupiter.api.Test;

/** Two services, and a long way to each member of their registry. */
class ClusterSlowIT extends TwoHosts {
    /** In each direction: an answer comes long before the deadline, also on a busy machine. */
    private static final Duration SLOW = Duration.ofMillis(200);

    private static final int LONG_DEADLINE = 30;

    /** An answer comes after the deadline, and so does the question. */
    private static final Duration TOO_SLOW = Duration.ofMillis(2500);

    @SuppressWarnings("NullAway.Init") // set before each test
    private LongWays ways;

    @Override
    ClusterFixture begun() throws Exception {
        Machine.requireRootAnd("ip", "socat");
        return ClusterFixture.started(temporary, () -> {
            ways = LongWays.start();
            return ways;
        });
    }

    @Test
    void slow_members_are_waited_for() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        Path base = cluster.images().labelledRaw("base");
        Path one = cluster.images().overlay("one", base);
        Path two = cluster.images().overlay("two", base);
        ways.deadline(LONG_DEADLINE);
        for (String host : List.of(ClusterFixture.ALPHA, ClusterFixture.BETA)) {
            cluster.service(host).kill();
            cluster.configure(host);
            cluster.service(host).start();
        }
        ways.delay(SLOW);
        cluster.alpha().start("web1", disk(disk)).ok();
        cluster.alpha().start("web2", Images.qemuWithOverlay(one)).ok();
        cluster.beta().start("web3", Images.qemuWithOverlay(two)).ok();
        Reply refused = cluster.beta().start("web4", disk(disk));
        assertThat(refused.status()).as("%s", refused.body()).isEqualTo(CONFLICT);
        assertThat(refused.text("message")).contains("on host alpha");
        Optional<String> shared = Attributes.label(base);
        assertThat(cluster.alpha().stop("web1").ok().outcome(disk)).isEqualTo("reverted");
        assertThat(cluster.alpha().stop("web2").ok().outcome(base)).isEqualTo("still-held");
        assertThat(Attributes.label(base)).isEqualTo(shared).isNotEqualTo(HOME);
        assertThat(cluster.beta().stop("web3").ok().outcome(base)).isEqualTo("reverted");
        assertThat(ways.delayed()).as("on the long ways").isPositive();
        cluster.awaitLabel(base, HOME);
        cluster.awaitEmpty();
    }

    /** What was asked arrives all the same, when nobody waits for the answer any more. */
    @Test
    void members_slower_than_the_deadline_are_silent_and_what_arrives_late_is_taken_back() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        Path other = cluster.images().labelledRaw("other");
        Path local = Images.in(temporary.resolve("own")).labelledRaw("local");
        startOnceAnswered(cluster.alpha(), "web1", disk(disk));
        Optional<String> label = Attributes.label(disk);

        ways.delay(TOO_SLOW);
        Reply refused = cluster.alpha().start("web2", disk(other));
        assertThat(refused.status()).as("%s", refused.body()).isEqualTo(NO_REGISTRY);
        assertThat(refused.text("message")).contains("the cluster's registry does not answer");
        assertThat(Attributes.label(other)).isEqualTo(HOME);
        cluster.alpha().start("local", disk(local)).ok();
        cluster.alpha().stop("local").ok();
        assertThat(cluster.alpha().stop("web1").ok().outcome(disk)).isEqualTo("failed");
        assertThat(Attributes.label(disk)).isEqualTo(label);

        ways.delay(Duration.ZERO);
        eventually("all has arrived", ways::areEmpty);
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
        assertThat(Attributes.label(other)).isEqualTo(HOME);
        for (Path free : List.of(disk, other)) {
            startOnceAnswered(cluster.beta(), "web3", disk(free));
            cluster.beta().stop("web3").ok();
            cluster.awaitLabel(free, HOME);
        }
        cluster.awaitEmpty();
    }
}
