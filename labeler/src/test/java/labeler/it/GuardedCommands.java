package labeler.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import labeler.guard.QmpClient;
import org.apache.commons.io.file.PathUtils;

/**
 * {@code ./dev bench guard}: what the guard of a real service adds to a command that passes, and whether the service grows.
 * Nobody but the service reaches the monitor of a guarded qemu, so a second qemu like it, without a guard, is asked in turn.
 */
final class GuardedCommands {
    private static final String COMMAND = "{\"execute\":\"query-name\"}";
    private static final int WARM_UP = 10_000;
    private static final int PAIRS = 20_000;
    private static final int MANY = 100_000;

    private GuardedCommands() {}

    /** Prints a line for each measurement: its name, and numbers in microseconds or kilobytes. */
    public static void main(String... arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "gc");
        try (ServiceFixture service = ServiceFixture.startedAsOnAHost(directory)) {
            Images images = Images.in(directory.resolve("images"));
            Path disk = images.overlay("disk", images.labelledRaw("base"));
            Path other = images.overlay("other", images.labelledRaw("lower"));
            Monitor guarded = new Monitor(service.runDirectory().resolve("vms/vm/qmp.sock"));
            Monitor alone = new Monitor(directory.resolve("alone"));
            try (Qemu _ = Qemu.start(service.running("vm", Images.qemu("-blockdev", node(disk))));
                    Qemu _ = Qemu.start(Images.with(Images.qemu("-blockdev", node(other)), alone.options()))) {
                guarded.await();
                alone.await();
                measure(service, guarded, alone);
            }
            service.awaitGone("vm");
        } finally {
            PathUtils.deleteDirectory(directory);
        }
    }

    private static String node(Path disk) {
        return "driver=qcow2,node-name=disk,file.driver=file,file.filename=" + disk;
    }

    private static void measure(ServiceFixture service, Monitor guarded, Monitor alone) throws IOException {
        try (QmpClient behind = new QmpClient(guarded.socket()).negotiated();
                QmpClient direct = new QmpClient(alone.socket()).negotiated()) {
            pairs(direct, behind, WARM_UP);
            report(pairs(direct, behind, PAIRS));
            // What the service grows to by its first commands is no growth by many.
            ask(behind, MANY);
            long before = service.residentKilobytes();
            ask(behind, MANY);
            System.out.printf("resident\t%d\t%d%n", before, service.residentKilobytes());
        }
    }

    private static void ask(QmpClient client, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            client.done(COMMAND);
        }
    }

    /** One after the other, so that the noise of the machine is the same for both. */
    private static long[][] pairs(QmpClient direct, QmpClient guarded, int count) throws IOException {
        long[][] taken = new long[3][count];
        for (int i = 0; i < count; i++) {
            taken[0][i] = time(direct);
            taken[1][i] = time(guarded);
            taken[2][i] = taken[1][i] - taken[0][i];
        }
        return taken;
    }

    private static long time(QmpClient client) throws IOException {
        long begin = System.nanoTime();
        client.done(COMMAND);
        return System.nanoTime() - begin;
    }

    /** Median and 99th percentile; those of what is added are of the pairs. */
    private static void report(long[][] taken) {
        String[] names = {"direct", "guarded", "added"};
        for (int i = 0; i < names.length; i++) {
            Arrays.sort(taken[i]);
            System.out.printf("%s\t%d\t%d%n", names[i], at(taken[i], 50), at(taken[i], 99));
        }
    }

    private static long at(long[] sorted, int percent) {
        return sorted[sorted.length * percent / 100] / 1_000;
    }
}
