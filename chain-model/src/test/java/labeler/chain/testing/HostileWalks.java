package labeler.chain.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import labeler.chain.Chain;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;

/**
 * Walks from every hostile input, in a JVM of its own.
 *
 * <pre>
 * HostileWalks DIRECTORY memory MEBIBYTES    fails where so much heap, and no more, is not enough for each of those there
 * HostileWalks DIRECTORY ROUNDS              writes them, and prints how long the slowest takes
 * </pre>
 */
public final class HostileWalks {
    private static final int BALLAST = 64 << 10;

    private HostileWalks() {}

    public static void main(String... arguments) throws IOException {
        ImageDirectory images = new ImageDirectory(Path.of(arguments[0]).toRealPath());
        if (arguments.length > 2) {
            walkAll(images, HostileInputs.read(images), Long.parseLong(arguments[2]) << 20);
        } else {
            measure(images, HostileInputs.write(images), Integer.parseInt(arguments[1]));
        }
    }

    private static void walkAll(ImageDirectory images, List<HostileInputs.Input> inputs, long bytes) {
        // One walk of each kind loads the classes that every walk needs; the rest of the heap is filled up.
        images.write("plain", Qcow2Builder.v3())
                .write("plain.xml", new DiskDescriptorBuilder().image("", "x").build());
        walk(images, new HostileInputs.Input("plain", new ImageRequest.Detect()));
        walk(images, new HostileInputs.Input("plain.xml", new ImageRequest.Declared(ImageFormat.PARALLELS_DISK)));
        List<byte[]> ballast = new ArrayList<>();
        while (free() > bytes) {
            ballast.add(new byte[BALLAST]);
        }
        for (HostileInputs.Input input : inputs) {
            try {
                walk(images, input);
            } catch (OutOfMemoryError e) {
                ballast.clear();
                throw new IllegalStateException("more than " + bytes + " bytes for " + input, e);
            }
        }
        System.out.println(inputs.size() + " inputs, " + ballast.size() + " pieces of ballast");
    }

    private static long free() {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    }

    private static void walk(ImageDirectory images, HostileInputs.Input input) {
        try (Chain<DirectoryOpener.OpenedFile> chain =
                new ImageDirectory(images.path()).walk(ImageDirectory.request(input.name(), input.format()))) {
            if (chain.nodes().isEmpty() && chain.problems().isEmpty()) {
                throw new IllegalStateException("no answer for " + input);
            }
        }
    }

    /** As the other programs of the bench print: what, median, lowest, 90th percentile, count, in microseconds. */
    private static void measure(ImageDirectory images, List<HostileInputs.Input> inputs, int rounds) {
        String slowest = "";
        double[] slowestTimes = {0, 0, 0};
        for (HostileInputs.Input input : inputs) {
            double[] times = new double[rounds];
            for (int warm = 0; warm < 2; warm++) {
                for (int round = 0; round < rounds; round++) {
                    long begin = System.nanoTime();
                    walk(images, input);
                    times[round] = (System.nanoTime() - begin) / 1e3;
                }
            }
            Arrays.sort(times);
            if (times[rounds / 2] > slowestTimes[0]) {
                slowest = input.name();
                slowestTimes = new double[] {times[rounds / 2], times[0], times[rounds * 9 / 10]};
            }
        }
        System.out.printf(
                Locale.ROOT,
                "slowest\t%.1f\t%.1f\t%.1f\t%d%n",
                slowestTimes[0],
                slowestTimes[1],
                slowestTimes[2],
                rounds);
        System.err.println("slowest: " + slowest);
    }
}
