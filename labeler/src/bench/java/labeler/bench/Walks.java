package labeler.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.fileset.LinuxImage;
import labeler.fileset.LinuxImageOpener;
import labeler.linux.jna.JnaLinux;

/**
 * The walk of one image's chain in a JVM that has walked it before.
 *
 * <pre>Walks RUNS FORMAT IMAGE FILES    prints a line as the C programs do: warm, median, lowest, 90th percentile, count</pre>
 */
public final class Walks {
    private Walks() {}

    public static void main(String... arguments) {
        int runs = Integer.parseInt(arguments[0]);
        ImageRequest request = ImageRequest.followingHeaders(
                FileName.of(Path.of("").toAbsolutePath() + "/" + arguments[2]),
                new ImageRequest.Declared(ImageFormat.ofDriver(arguments[1]).orElseThrow()),
                Access.READ_WRITE,
                new ImageRequest.ProcessDirectory(FileName.of("/")));
        ChainWalker<LinuxImage> walker =
                new ChainWalker<>(new LinuxImageOpener(JnaLinux.create().open()), ChainLimits.DEFAULT);
        int files = Integer.parseInt(arguments[3]);
        measure(walker, request, files, runs);
        double[] times = measure(walker, request, files, runs);
        Arrays.sort(times);
        System.out.printf(
                Locale.ROOT,
                "warm\t%.1f\t%.1f\t%.1f\t%d%n",
                times[runs / 2],
                times[0],
                times[runs * 9 / 10],
                runs);
    }

    private static double[] measure(ChainWalker<LinuxImage> walker, ImageRequest request, int files, int runs) {
        double[] times = new double[runs];
        for (int run = 0; run < runs; run++) {
            long begin = System.nanoTime();
            try (Chain<LinuxImage> chain = walker.walk(request)) {
                // What is measured has to be the right answer.
                if (!chain.isComplete() || chain.nodes().size() != files) {
                    throw new IllegalStateException(chain.nodes().size() + " files, " + chain.problems());
                }
            }
            times[run] = (System.nanoTime() - begin) / 1e3;
        }
        return times;
    }
}
