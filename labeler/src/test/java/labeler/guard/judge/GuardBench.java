package labeler.guard.judge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import labeler.guard.QmpClient;
import labeler.lifecycle.follow.FollowedHost;

/** {@code ./dev bench guard}: what the guard adds to a command that passes, and whether it grows. */
final class GuardBench {
    private static final String COMMAND = "{\"execute\":\"query-name\"}";
    private static final int WARM_UP = 5_000;
    private static final int PAIRS = 20_000;
    private static final int MANY = 100_000;

    private GuardBench() {}

    /** Prints a line for each measurement: its name, and numbers in microseconds or kilobytes. */
    public static void main(String... arguments) throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "gb");
        try (FollowedHost host = new FollowedHost(directory);
                JudgedQemu qemu = JudgedQemu.withChain(host, directory, "base", "top");
                QmpClient direct = qemu.relayed().directClient().negotiated()) {
            pairs(direct, qemu.client(), WARM_UP);
            report(pairs(direct, qemu.client(), PAIRS));
            long before = resident();
            for (int i = 0; i < MANY; i++) {
                qemu.client().done(COMMAND);
            }
            System.out.printf("resident\t%d\t%d%n", before, resident());
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
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

    /** Median and 99th percentile; those of what is added are of the pairs, then the difference of the percentiles. */
    private static void report(long[][] taken) {
        for (long[] one : taken) {
            Arrays.sort(one);
        }
        String[] names = {"direct", "guarded", "added"};
        for (int i = 0; i < names.length; i++) {
            System.out.printf("%s\t%d\t%d%n", names[i], at(taken[i], 50), at(taken[i], 99));
        }
        System.out.printf(
                "difference\t%d\t%d%n", at(taken[1], 50) - at(taken[0], 50), at(taken[1], 99) - at(taken[0], 99));
    }

    private static long at(long[] sorted, int percent) {
        return sorted[sorted.length * percent / 100] / 1_000;
    }

    /** Of this process, kilobytes, after a collection. */
    private static long resident() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }
}
