package labeler.cluster;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import labeler.cluster.ManyHosts.Extent;
import labeler.etcd.ModelledEtcd;
import labeler.mcs.CategoryRange;

/** {@code ./dev bench cluster scale}: many hosts for as long as is wished, and what they did. */
final class ManyHostsRun {
    private static final Extent LONG = new Extent(1000, 1000, 100, 1_000_000, 3600, 32, CategoryRange.DEFAULT);

    /** Three real members on this machine, in place of the model of one. */
    private static final boolean IS_REAL = Boolean.getBoolean("labeler.real");

    private ManyHostsRun() {}

    private static HostsStore store() throws IOException {
        return IS_REAL ? HostsStore.Real.started() : new HostsStore.Modelled(new ModelledEtcd());
    }

    /** Prints a line for each number: its name and itself. Fails if a pair or a disk has two, or something is left. */
    public static void main(String... arguments) throws Exception {
        Extent extent = Extent.ofProperties(LONG);
        tell("real", IS_REAL ? 1 : 0);
        tell("hosts", extent.hosts());
        tell("reserving", extent.reserving());
        tell("vms", extent.vms());
        tell("wanted", extent.starts());
        tell("at-once", extent.atOnce());
        tell("pairs", extent.range().pairs());
        try (ManyHosts hosts = ManyHosts.begun(extent, store())) {
            tell("reserve-seconds", seconds(() -> {
                hosts.fillReserves();
                return true;
            }));
            long reserved = hosts.held().count();
            tell("reserved", reserved);
            long seconds = seconds(() -> {
                hosts.startAndEnd();
                return true;
            });
            tell("seconds", seconds);
            tell("starts", hosts.tally().starts());
            tell("ends", hosts.tally().ends());
            tell("drawn-again", hosts.tally().drawnAgain());
            tell("running", hosts.tally().starts() - hosts.tally().ends());
            hosts.tally().refusals().forEach((kind, count) -> tell("refused-" + kind, count));
            tell("held", hosts.held().count());
            tell("megabytes", hosts.store().megabytes());
            List<String> wrong = hosts.audit();
            tell("wrong", wrong.size());
            judge(wrong);
            // To end a hundred thousand VMs takes longer than to start them.
            if (Boolean.parseBoolean(System.getProperty("labeler.end", "true"))) {
                hosts.stopAll();
                judge(hosts.audit());
                judge(hosts.files());
                tell("left", hosts.held().count() - reserved);
            }
        }
    }

    private static void tell(String name, long number) {
        System.out.println(name + "\t" + number);
    }

    private static long seconds(Callable<Boolean> work) throws Exception {
        long begin = System.nanoTime();
        boolean _ = work.call();
        return (System.nanoTime() - begin) / 1_000_000_000;
    }

    private static void judge(List<String> wrong) throws IOException {
        if (!wrong.isEmpty()) {
            throw new IOException(
                    wrong.size() + " are wrong, among them " + wrong.subList(0, Math.min(10, wrong.size())));
        }
    }
}
