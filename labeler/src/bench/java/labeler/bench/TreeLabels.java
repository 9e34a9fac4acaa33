package labeler.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.AttributeName;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;
import labeler.tree.Trees;
import labeler.tree.UnfitTree;

/**
 * A tree is labelled and given back, in a JVM that has done so before.
 *
 * <pre>TreeLabels RUNS TABLES DIRECTORY FILES    prints a line each for label, back, both and skip, as the C programs do</pre>
 */
public final class TreeLabels {
    private static final byte[] LABEL = "system_u:object_r:svirt_image_t:s0:c12,c345\0".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST = 1_000_000;
    private static final int SKIPS = 1000;

    private TreeLabels() {}

    /** A tree that is the only file on record. */
    private record OnlyTree() implements Trees.OnRecord {
        @Override
        public boolean isHeld(FileIdentity identity) {
            return false;
        }

        @Override
        public boolean isOnRecord(FileIdentity identity) {
            return false;
        }

        @Override
        public boolean isReserved(Level level) {
            return false;
        }

        @Override
        public List<Long> numbers(FileIdentity root) {
            return List.of(1L);
        }

        @Override
        public boolean isKnown(long number, FileIdentity root) {
            return true;
        }

        @Override
        public boolean isOurs(FileIdentity root, StoredLabel label) {
            return false;
        }
    }

    public static void main(String... arguments) throws IOException, UnfitTree {
        int runs = Integer.parseInt(arguments[0]);
        Linux linux = JnaLinux.create();
        Trees trees = new Trees(Path.of(arguments[1]), linux.attributes(), linux.entries(), new OnlyTree(), MOST);
        try (Stream<Path> found = Files.walk(Path.of(arguments[2]))) {
            require(found.count() >= Integer.parseInt(arguments[3]));
        }
        double[][] times = new double[3][runs];
        double[] skips = new double[SKIPS];
        HostPath directory = HostPath.of(Path.of(arguments[2]).toAbsolutePath());
        try (OpenedFile root = (OpenedFile) linux.open().find(directory, OpenRequest.NAMED_DIRECTORY)) {
            for (int run = -1; run < runs; run++) {
                long begin = System.nanoTime();
                Trees.Labelled labelled = trees.label(root, StoredLabel.of(LABEL));
                linux.attributes().set(root, AttributeName.SECURITY_SELINUX, LABEL);
                trees.finish(root);
                long middle = System.nanoTime();
                for (int skip = 0; skip < SKIPS; skip++) {
                    long now = System.nanoTime();
                    require(trees.isLabelled(root, StoredLabel.of(LABEL)));
                    skips[skip] = (System.nanoTime() - now) / 1e3;
                }
                long again = System.nanoTime();
                trees.giveBack(root, new Trees.Return(1, Optional.empty(), false, false));
                linux.attributes().remove(root, AttributeName.SECURITY_SELINUX);
                long end = System.nanoTime();
                // What is measured has to be the right answer.
                require(labelled.equals(new Trees.Labelled(0, 0, 0)));
                if (run >= 0) {
                    times[0][run] = (middle - begin) / 1e3;
                    times[1][run] = (end - again) / 1e3;
                    times[2][run] = times[0][run] + times[1][run];
                }
            }
        }
        report("label", times[0]);
        report("back", times[1]);
        report("both", times[2]);
        report("skip", skips);
    }

    private static void require(boolean isSo) {
        if (!isSo) {
            throw new IllegalStateException("not every file was labelled and given back");
        }
    }

    private static void report(String what, double[] times) {
        Arrays.sort(times);
        System.out.printf(
                Locale.ROOT,
                "%s\t%.1f\t%.1f\t%.1f\t%d%n",
                what,
                times[times.length / 2],
                times[0],
                times[times.length * 9 / 10],
                times.length);
    }
}
