package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import labeler.etcd.Members;
import labeler.mcs.CategoryRange;
import labeler.mcs.FreePairs;
import labeler.registry.Refusal;
import labeler.registry.etcd.EtcdAdministration;
import labeler.registry.etcd.RegistryOver;
import org.apache.commons.io.FileUtils;

/**
 * Many hosts of one cluster, each a client of its own of one etcd, that start and end VMs on files of a shared storage.
 * {@code ./dev bench cluster scale} runs the long form.
 */
final class ManyHosts implements AutoCloseable {
    /** Of what the hosts draw; the network and the threads add chance of their own. */
    static final long SEED = Long.getLong("labeler.seed", System.nanoTime());

    private final Extent extent;
    private final HostsStore store;
    private final Path directory;
    private final HostAmongMany.Shared shared = new HostAmongMany.Shared(new HeldPairs(), new StartTally());
    private final List<HostAmongMany> hosts = new ArrayList<>();

    /**
     * How much of all.
     *
     * @param reserving hosts that take their reserve of pairs, as each does in the product
     * @param vms of each host at one time
     * @param starts after which it is enough
     * @param seconds after which it is enough, though there were less starts; until then every host has all its VMs, if it can
     * @param atOnce hosts that ask at one time
     */
    record Extent(int hosts, int reserving, int vms, long starts, long seconds, int atOnce, CategoryRange range) {
        /** From {@code -Dlabeler.hosts} and so on, where they are set. */
        static Extent ofProperties(Extent otherwise) {
            int hosts = Integer.getInteger("labeler.hosts", otherwise.hosts());
            return new Extent(
                    hosts,
                    Math.min(hosts, Integer.getInteger("labeler.reserving", otherwise.reserving())),
                    Integer.getInteger("labeler.vms", otherwise.vms()),
                    Long.getLong("labeler.starts", otherwise.starts()),
                    Long.getLong("labeler.seconds", otherwise.seconds()),
                    Integer.getInteger("labeler.at-once", otherwise.atOnce()),
                    Optional.ofNullable(System.getProperty("labeler.range"))
                            .map(text -> CategoryRange.parse(text).orElseThrow())
                            .orElse(otherwise.range()));
        }
    }

    private ManyHosts(Extent extent, HostsStore store, Path directory) {
        this.extent = extent;
        this.store = store;
        this.directory = directory;
    }

    /** All have joined. The store ends with them. */
    static ManyHosts begun(Extent extent, HostsStore store) throws Exception {
        ManyHosts all = new ManyHosts(extent, store, Files.createTempDirectory("labeler-hosts-"));
        boolean isComplete = false;
        try {
            all.join();
            all.onEach(HostAmongMany::begin);
            isComplete = true;
            return all;
        } finally {
            if (!isComplete) {
                all.close();
            }
        }
    }

    private void join() throws IOException {
        try (EtcdAdministration administration = RegistryOver.administration(store.way(0))) {
            for (int number = 0; number < extent.hosts(); number++) {
                Optional<Refusal> refusal = administration.join(HostAmongMany.self(number));
                assertThat(refusal.map(Refusal::message)).isEmpty();
                hosts.add(new HostAmongMany(
                        number,
                        extent.vms(),
                        store.way(number),
                        Files.createDirectory(directory.resolve("host-" + number)),
                        new FreePairs(extent.range(), new Random(SEED * 31 + number)),
                        new Random(SEED + number),
                        shared));
            }
        }
    }

    /** Those that have one. */
    void fillReserves() throws Exception {
        onEach(hosts.subList(0, extent.reserving()), HostAmongMany::fillReserve);
    }

    /** What each host is to do. */
    private interface Work {
        void on(HostAmongMany host) throws Exception;
    }

    private void onEach(Work work) throws Exception {
        onEach(hosts, work);
    }

    private void onEach(List<HostAmongMany> some, Work work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(extent.atOnce())) {
            all(threads, some.stream().map(host -> called(work, host)).toList());
        }
    }

    private static Callable<Boolean> called(Work work, HostAmongMany host) {
        return () -> {
            work.on(host);
            return true;
        };
    }

    private static void all(ExecutorService threads, List<Callable<Boolean>> work) throws Exception {
        for (Future<Boolean> one : threads.invokeAll(work)) {
            boolean _ = one.get();
        }
    }

    /** Starts and ends VMs on all hosts in turn, as many hosts at a time as ask at once, until it is enough. */
    void startAndEnd() throws Exception {
        List<HostAmongMany> shuffled = new ArrayList<>(hosts);
        Collections.shuffle(shuffled, new Random(SEED));
        BlockingQueue<HostAmongMany> waiting = new LinkedBlockingQueue<>(shuffled);
        long end = System.nanoTime() + Duration.ofSeconds(extent.seconds()).toNanos();
        Callable<Boolean> worker = () -> {
            while (shared.tally().starts() < extent.starts()
                    && System.nanoTime() < end
                    && shared.held().wrong().isEmpty()) {
                HostAmongMany host = waiting.take();
                host.step();
                waiting.add(host);
            }
            return true;
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(extent.atOnce())) {
            all(threads, Collections.nCopies(extent.atOnce(), worker));
        }
    }

    /** All that is wrong: two with one pair or one disk, and the registry's pairs beside those that the hosts have. */
    List<String> audit() throws Exception {
        onEach(HostAmongMany::rest);
        List<String> all = new ArrayList<>(shared.held().wrong());
        try (Members way = store.way(0)) {
            all.addAll(shared.held().differences(way, extent.range()));
        }
        return all;
    }

    void stopAll() throws Exception {
        onEach(HostAmongMany::stopAll);
    }

    /** The files that the registry still has: none, after all VMs have ended. */
    List<String> files() throws Exception {
        try (Members way = store.way(0)) {
            return HeldPairs.files(way);
        }
    }

    HeldPairs held() {
        return shared.held();
    }

    StartTally tally() {
        return shared.tally();
    }

    HostsStore store() {
        return store;
    }

    @Override
    public void close() throws IOException {
        hosts.forEach(HostAmongMany::close);
        store.close();
        FileUtils.deleteDirectory(directory.toFile());
    }
}
