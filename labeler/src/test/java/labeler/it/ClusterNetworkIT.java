package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.registry.etcd.EtcdNetwork;
import org.junit.jupiter.api.Test;

/** Two services over three members of etcd, each of them in a network namespace of its own: a host is cut off, a leader dies. */
class ClusterNetworkIT extends TwoHosts {
    private static final int SHARED_REFUSED = 5;

    /** Of each host, before the leader dies and after that. */
    private static final int TURNS = 3;

    @SuppressWarnings("NullAway.Init") // set before each test
    private EtcdNetwork network;

    @Override
    ClusterFixture begun() throws Exception {
        Machine.requireRootAnd("ip", "nft", "nsenter", "socat");
        return ClusterFixture.started(temporary, () -> {
            network = EtcdNetwork.start(List.of(ClusterFixture.ALPHA, ClusterFixture.BETA));
            return network;
        });
    }

    private static List<String> diskAndOverlay(Path disk, Path overlay) {
        return Images.qemu("-drive", Images.disk(disk, "raw"), "-drive", Images.disk(overlay, "qcow2"));
    }

    private void assertHeldByBeta(Path image) throws IOException {
        Reply reply = onceAnswered(() -> cluster.alpha().start("wants", disk(image)));
        assertThat(reply.status()).as("%s", reply.body()).isEqualTo(CONFLICT);
        assertThat(reply.text("message")).contains("on host beta");
    }

    private static boolean isReached(ServiceFixture host) throws IOException {
        return host.text("/metrics").contains("labeler_cluster_reachable 1");
    }

    /** Only the network between beta and the registry fails: both hosts, their VMs and the storage go on. */
    @Test
    void a_host_that_is_cut_off_keeps_what_runs_and_its_ends_are_settled_afterwards() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        Path base = cluster.images().labelledRaw("base");
        Path one = cluster.images().overlay("one", base);
        Path two = cluster.images().overlay("two", base);
        Path ending = cluster.images().labelledRaw("ending");
        Path free = cluster.images().labelledRaw("free");
        Path local = Images.in(temporary.resolve("own")).labelledRaw("local");
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            onceAnswered(() -> cluster.beta().start("runs", diskAndOverlay(disk, one), qemu.pid()))
                    .ok();
            startOnceAnswered(cluster.beta(), "ends", disk(ending));
            startOnceAnswered(cluster.alpha(), "reads", Images.qemuWithOverlay(two));
            Optional<String> label = Attributes.label(disk);
            Optional<String> shared = Attributes.label(base);
            Optional<String> ended = Attributes.label(ending);

            network.cutOffHost(ClusterFixture.BETA);
            Command refused = cluster.beta()
                    .cli(List.of("start", "more", "--", "qemu-system-x86_64", "-drive", Images.disk(free, "raw")));
            assertThat(refused.exitCode()).as("%s", refused).isEqualTo(SHARED_REFUSED);
            assertThat(refused.line()).contains("the cluster's registry does not answer");
            assertThat(Attributes.label(free)).isEqualTo(HOME);
            cluster.beta().start("local", disk(local)).ok();
            cluster.beta().stop("local").ok();
            assertThat(Attributes.label(local)).isEqualTo(HOME);
            assertThat(cluster.beta().stop("ends").ok().outcome(ending)).isEqualTo("failed");

            assertHeldByBeta(disk);
            assertHeldByBeta(ending);
            startOnceAnswered(cluster.alpha(), "other", disk(free));
            assertThat(cluster.alpha().stop("reads").ok().outcome(base)).isNotEqualTo("reverted");
            eventually("beta knows that it is cut off", () -> !isReached(cluster.beta()));
            eventually("alpha is not", () -> isReached(cluster.alpha()));
            assertThat(cluster.beta().holds("runs")).isTrue();
            assertThat(Attributes.label(disk)).isEqualTo(label);
            assertThat(Attributes.label(base)).isEqualTo(shared);
            assertThat(Attributes.label(ending)).isEqualTo(ended);

            network.healHost(ClusterFixture.BETA);
            cluster.awaitLabel(ending, HOME);
            startOnceAnswered(cluster.alpha(), "takes", disk(ending));
            startOnceAnswered(cluster.beta(), "more", Images.qemuWithOverlay(two));
            assertHeldByBeta(disk);
            assertThat(Attributes.label(disk)).isEqualTo(label);
            cluster.beta().stop("more").ok();
        }
        cluster.beta().awaitGone("runs");
        cluster.alpha().stop("takes").ok();
        cluster.alpha().stop("other").ok();
        for (Path file : List.of(disk, base, ending, free)) {
            cluster.awaitLabel(file, HOME);
        }
        cluster.awaitEmpty();
    }

    /** Starts and stops a VM of a host, again and again. */
    private record Turns(ServiceFixture host, String vm, Path image, AtomicInteger made, AtomicBoolean isOver)
            implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            while (!isOver.get()) {
                startOnceAnswered(host, vm, Images.qemuWithOverlay(image));
                host.stop(vm).ok();
                made.incrementAndGet();
            }
            return made.get();
        }
    }

    @Test
    void starts_and_stops_go_on_when_the_leader_dies() throws Exception {
        Path base = cluster.images().labelledRaw("base");
        AtomicBoolean isOver = new AtomicBoolean();
        List<Turns> turns = List.of(
                new Turns(cluster.alpha(), "web1", cluster.images().overlay("one", base), new AtomicInteger(), isOver),
                new Turns(cluster.beta(), "web2", cluster.images().overlay("two", base), new AtomicInteger(), isOver));
        int leader = network.leader();
        try (ExecutorService threads = Executors.newFixedThreadPool(turns.size())) {
            List<Future<Integer>> all = turns.stream().map(threads::submit).toList();
            try {
                awaitTurns(turns, all);
                network.kill(leader);
                awaitTurns(turns, all);
            } finally {
                isOver.set(true);
            }
            for (Future<Integer> one : all) {
                assertThat(one.get()).isGreaterThanOrEqualTo(TURNS);
            }
        }
        // Also what could not be told at once, and without the member.
        for (Turns one : turns) {
            cluster.awaitLabel(one.image(), Optional.empty());
        }
        cluster.awaitLabel(base, HOME);
        cluster.awaitEmpty();
    }

    /** So many more on each host. */
    private static void awaitTurns(List<Turns> turns, List<Future<Integer>> all) throws Exception {
        for (Turns one : turns) {
            int before = one.made().get();
            eventually("more turns", () -> {
                for (Future<Integer> future : all) {
                    if (future.isDone()) {
                        // It ends by itself only if it fails.
                        Integer _ = future.get();
                    }
                }
                return one.made().get() >= before + TURNS;
            });
        }
    }
}
