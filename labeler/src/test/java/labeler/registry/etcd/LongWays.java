package labeler.registry.etcd;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import labeler.etcd.EtcdSettings;

/**
 * Three members, to which the ways of hosts can be made longer. (A network's own delay, netem, is not in every kernel that runs
 * these tests.) The members reach each other, and the test reaches them, as fast as ever.
 */
public final class LongWays implements EtcdForHosts {
    private final EtcdNetwork network;
    private final List<LongWay> ways = new ArrayList<>();
    private int deadline;

    private LongWays(EtcdNetwork network) {
        this.network = network;
        this.deadline = network.deadline();
    }

    public static LongWays start() throws IOException, InterruptedException {
        LongWays all = new LongWays(EtcdNetwork.start());
        boolean isComplete = false;
        try {
            for (URI member : all.settings().endpoints()) {
                all.ways.add(LongWay.to(member));
            }
            isComplete = true;
            return all;
        } finally {
            if (!isComplete) {
                all.close();
            }
        }
    }

    /** What is sent from now on takes so long, in each direction. */
    public void delay(Duration time) {
        ways.forEach(way -> way.delay(time));
    }

    /** Whether all that was sent has arrived. */
    public boolean areEmpty() {
        return ways.stream().allMatch(LongWay::isEmpty);
    }

    /** How much was sent on a way that was long. */
    public long delayed() {
        return ways.stream().mapToLong(LongWay::delayed).sum();
    }

    @Override
    public EtcdSettings settings() {
        return network.settings();
    }

    @Override
    public List<URI> endpoints(String host) {
        return ways.stream().map(LongWay::endpoint).toList();
    }

    /** For hosts that are configured from now on. */
    public void deadline(int seconds) {
        deadline = seconds;
    }

    @Override
    public int deadline() {
        return deadline;
    }

    @Override
    public void close() throws IOException {
        try (network) {
            for (LongWay way : ways) {
                way.close();
            }
        }
    }
}
