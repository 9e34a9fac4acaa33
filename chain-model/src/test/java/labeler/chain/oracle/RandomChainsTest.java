package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import labeler.chain.Chain;
import labeler.chain.Problem;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.RequiresCommands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chains of chance against what qemu really opens. {@code -Dlabeler.seed=N} repeats a run. */
@RequiresCommands({"qemu-io", "strace", "prlimit"})
class RandomChainsTest {
    private static final int CHAINS = 200;

    /** Fewer complete ones would mean that the generator tests little. */
    private static final int LEAST_COMPLETE = CHAINS / 4;

    @TempDir
    private Path directory;

    @Test
    void a_complete_chain_is_exactly_the_files_that_qemu_opens() throws IOException {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("RandomChainsTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        int complete = 0;
        for (int i = 0; i < CHAINS; i++) {
            Path run = Files.createDirectory(directory.resolve("run" + i));
            if (isCompleteAndTheSame(new ImageDirectory(run), random, "seed " + seed + ", chain " + i)) {
                complete++;
            }
        }
        System.out.println("RandomChainsTest: " + complete + " of " + CHAINS + " chains are complete");
        assertThat(complete).isGreaterThan(LEAST_COMPLETE);
    }

    private static boolean isCompleteAndTheSame(ImageDirectory images, Random random, String description) {
        String top = new RandomChain(images, random).write();
        Qemu.Opened opened = new Qemu(images.path()).openedFor("qcow2", top);
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk(top)) {
            Set<Path> files = new TreeSet<>();
            chain.nodes().forEach(node -> files.add(RealPath.of(node.file().path())));
            if (chain.isComplete()) {
                assertThat(opened.succeeded()).as(description).isTrue();
                assertThat(files).as(description).isEqualTo(opened.files());
            } else if (opened.succeeded()) {
                // qemu goes on where a format is to be guessed, and opens an image as its own raw backing file. What is
                // listed, it has opened as well.
                assertThat(chain.problems())
                        .as(description)
                        .extracting(Problem::kind)
                        .isSubsetOf(Problem.Kind.FORMAT_UNSPECIFIED, Problem.Kind.FORMAT_MISMATCH, Problem.Kind.LOOP);
                assertThat(opened.files()).as(description).containsAll(files);
            }
            assertThat(chain.nodes()).as(description).isNotEmpty();
            return chain.isComplete();
        }
    }
}
