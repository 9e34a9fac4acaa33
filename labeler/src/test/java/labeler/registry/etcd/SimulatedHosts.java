package labeler.registry.etcd;

import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.wanted;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.plan.Sharing;
import labeler.registry.HostName;
import labeler.registry.WantedFile;

/** All hosts, each on a thread. */
final class SimulatedHosts implements AutoCloseable {
    private static final int HOSTS = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final TestCluster cluster;
    private final long kills;
    private final long seed;
    private final FaultyMembers.Faults faults = FaultyMembers.Faults.none();
    private final SimulatedStorage storage = new SimulatedStorage(files());
    private final AtomicLong fenced = new AtomicLong();
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private final Gateway gateway;

    SimulatedHosts(TestCluster cluster, long kills, long seed) throws IOException {
        this.kills = kills;
        this.seed = seed;
        this.cluster = cluster;
        this.gateway = Gateway.to(cluster.settings());
        for (int number = 0; number < HOSTS; number++) {
            HostName name = new HostName("host-" + number);
            hosts.add(
                    new SimulatedHost(name, storage, new Random(seed + number), () -> cluster.recorded(name, gateway)));
            done(cluster.administration().join(TestCluster.self(name.value())));
        }
    }

    private static List<WantedFile> files() {
        List<WantedFile> files = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            files.add(base(number));
        }
        for (int number = 10; number < 16; number++) {
            files.add(disk(number));
        }
        files.add(wanted(20, Sharing.SHARED));
        return files;
    }

    /** What went wrong, in words. */
    List<String> audit() {
        return storage.audit();
    }

    long kills() {
        return faults.kills().get();
    }

    @Override
    public String toString() {
        return faults.kills() + " kills, " + faults.lost() + " answers lost, " + fenced + " hosts fenced, "
                + storage.uses() + " uses of a file, " + storage.moves() + " VMs moved";
    }

    long moves() {
        return storage.moves();
    }

    /** Between the failures and the end of all VMs. */
    interface Pause {
        void make() throws Exception;
    }

    void run() throws Exception {
        run(() -> {});
    }

    void run(Pause pause) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(HOSTS)) {
            List<Callable<Void>> lives = new ArrayList<>();
            for (SimulatedHost host : hosts) {
                lives.add(() -> {
                    live(host, new Random(seed * 31 + host.name().hashCode()));
                    return null;
                });
            }
            for (Future<Void> life : threads.invokeAll(lives)) {
                life.get();
            }
        }
        pause.make();
        end();
        // Nothing that is still under way may change anything.
        FaultyMembers.deliverAll(faults, gateway);
    }

    private EtcdRegistry registry(SimulatedHost host, Members members) {
        return cluster.of(host.name().value(), members, PATIENCE);
    }

    private void live(SimulatedHost host, Random random) throws InterruptedException {
        while (faults.kills().get() < kills) {
            FaultyMembers members = new FaultyMembers(gateway, faults, random);
            try {
                host.live(registry(host, members), members, 1000);
            } catch (FaultyMembers.KilledException e) {
                if (random.nextInt(4) == 0) {
                    powerOff(host, random);
                }
            }
        }
    }

    /** No process of it is left. Now and then it stays off until another host has taken its place. */
    private void powerOff(SimulatedHost host, Random random) throws InterruptedException {
        host.powerOff();
        if (random.nextBoolean()) {
            done(cluster.administration().fence(host.name()));
            fenced.incrementAndGet();
            hosts.get(random.nextInt(HOSTS)).replace(host.name());
            Thread.sleep(random.nextInt(50));
        }
    }

    /** All hosts come back, and all VMs end. */
    private void end() {
        for (int round = 0; round < 2; round++) {
            for (SimulatedHost host : hosts) {
                EtcdRegistry registry = registry(host, gateway);
                assertThat(host.recover(registry)).isTrue();
                host.stopAll(registry);
                given(registry.settle(Set.of()));
            }
        }
    }

    @Override
    public void close() {
        gateway.close();
    }
}
