package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import labeler.vm.qemu.handover.RewriteResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random command lines, over formats, depths, options and file systems. qemu's result for the rewritten one is compared
 * with that for the original. {@code -Dlabeler.seed=N} repeats a run, {@code -Dlabeler.lines=500} is the long form.
 */
class RandomDescriptorsIT {
    private static final int LINES = Integer.getInteger("labeler.lines", 150);
    private static final int CHAINS = 60;
    private static final int RAW = 4;
    private static final List<String> FEATURES = List.of(
            "-drive",
            "-blockdev",
            "-hda",
            "-hdc",
            "-hdd",
            "-cdrom",
            "-fda",
            "-pflash",
            "if=pflash",
            "media=cdrom",
            "json:",
            "backing",
            "cache",
            "aio=native",
            "snapshot=on",
            "-snapshot",
            "read-only",
            "readonly=on",
            "locking=off",
            "-chardev",
            "-serial",
            "append=on",
            "logfile=",
            "qcow2",
            "qed",
            "vmdk",
            "raw",
            "vdi",
            "vhdx",
            "vpc",
            "parallels");

    @TempDir
    Path temporary;

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    RandomDescriptorsIT() {}

    @Test
    void qemu_reads_the_same_by_descriptors_and_opens_nothing_passed_by_its_name() throws IOException {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("RandomDescriptorsIT: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        try (Mounted memory = Mounted.ramfs(temporary.resolve("memory"));
                Mounted swap = Mounted.tmpfs(temporary.resolve("swap"));
                Mounted disk = Mounted.ext4(temporary.resolve("disk"), 512 << 20)) {
            Path far = Files.createDirectories(disk.directory().resolve("far"));
            Path near = Files.createDirectories(disk.directory().resolve("near"));
            DescriptorLaunch launch = DescriptorLaunch.compiled(temporary, List.of(memory.directory(), far));
            ImagePool pool =
                    new ImagePool(random, temporary, List.of(memory.directory(), far, far, near, swap.directory()));
            List<Path> outputs = List.of(
                    Files.createFile(memory.directory().resolve("out")),
                    Files.createFile(far.resolve("out, with a comma")),
                    Files.createFile(near.resolve("out")));
            for (int i = 0; i < CHAINS; i++) {
                pool.addChain();
            }
            for (int i = 0; i < RAW; i++) {
                pool.addRaw();
            }
            int sets = 0;
            int lines = 0;
            SortedMap<String, Integer> seen = new TreeMap<>();
            for (int i = 0; i < LINES; i++) {
                // ramfs has no O_DIRECT, and tmpfs has it since Linux 6.6.
                RandomCommandLine line = RandomCommandLine.of(
                        random, temporary, pool.tops(), outputs, path -> path.startsWith(disk.directory()));
                count(line, seen);
                int passed = check(launch, line, "seed " + seed + ", line " + i + ": " + line.options());
                sets += passed;
                lines += passed > 0 ? 1 : 0;
            }
            System.out.println("RandomDescriptorsIT: " + lines + " of " + LINES + " lines had a passed file, " + sets
                    + " descriptors in all; lines with " + seen);
            assertThat(lines).as("lines with a passed file").isGreaterThan(LINES / 2);
            // These are frequent enough to occur in every run. The rest is printed.
            assertThat(seen.keySet())
                    .contains(
                            "-drive",
                            "-blockdev",
                            "json:",
                            "cache",
                            "aio=native",
                            "snapshot=on",
                            "read-only",
                            "backing");
        }
    }

    private static void count(RandomCommandLine line, SortedMap<String, Integer> seen) {
        String text = String.join(" ", line.options());
        FEATURES.stream().filter(text::contains).forEach(feature -> seen.merge(feature, 1, Integer::sum));
    }

    /** Returns the number of descriptors. */
    private static int check(DescriptorLaunch launch, RandomCommandLine line, String description) throws IOException {
        RewriteResult rewriting = launch.rewrite(line.options());

        assertThat(rewriting).as(description).isInstanceOf(RewriteResult.Rewritten.class);
        RewriteResult.Rewritten rewritten = (RewriteResult.Rewritten) rewriting;
        DescriptorLaunch.Ran original = launch.unwatched(line.options(), line.disks());
        DescriptorLaunch.Ran ran = launch.rewritten(rewritten, line.disks());
        ran.readsAs(original, description);
        assertThat(launch.local(line.options())).as(description).containsAll(ran.tried());
        // An unchanged option without a format makes qemu warn, as in the original.
        assertThat(original.complaints().lines())
                .as(description)
                .containsAll(ran.complaints().lines().toList());
        return rewritten.descriptors().size();
    }
}
