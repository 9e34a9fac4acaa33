package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import labeler.chain.Chain;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.Problem;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.RequiresCommands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares random chains with the files that qemu really opens. {@code -Dlabeler.seed=N} repeats a run, {@code
 * -Dlabeler.chains=2000} is the long form.
 */
@RequiresCommands({"qemu-io", "strace", "prlimit"})
class RandomChainsTest {
    private static final int CHAINS = Integer.getInteger("labeler.chains", 400);

    /** Fewer complete ones would mean that the generator tests little. */
    private static final int LEAST_COMPLETE = CHAINS / 3;

    @TempDir
    private Path directory;

    @Test
    void a_complete_chain_is_exactly_the_files_that_qemu_opens() throws IOException {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("RandomChainsTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        List<Qemu.Top> tops = new ArrayList<>();
        for (int i = 0; i < CHAINS; i++) {
            Path run = Files.createDirectory(directory.resolve("run" + i));
            RandomChain.Layer top = new RandomChain(new ImageDirectory(run), random).write();
            tops.add(new Qemu.Top(run, top.format(), top.name()));
        }
        List<Qemu.Opened> opened = Qemu.openedForEach(tops);
        Map<String, Integer> formats = new TreeMap<>();
        int complete = 0;
        int files = 0;
        for (int i = 0; i < CHAINS; i++) {
            try (Chain<DirectoryOpener.OpenedFile> chain = walk(tops.get(i))) {
                assertTheSame(chain, opened.get(i), "seed " + seed + ", chain " + i);
                if (chain.isComplete()) {
                    complete++;
                    files += chain.nodes().size();
                    chain.nodes().forEach(node -> formats.merge(node.format().driver(), 1, Integer::sum));
                }
            }
        }
        System.out.println("RandomChainsTest: " + complete + " of " + CHAINS + " chains are complete, with " + files
                + " files: " + formats);
        assertThat(complete).isGreaterThan(LEAST_COMPLETE);
        assertThat(formats).containsKeys("raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vpc", "bochs");
    }

    private static Chain<DirectoryOpener.OpenedFile> walk(Qemu.Top top) {
        ImageFormat format = ImageFormat.ofDriver(top.format()).orElseThrow();
        return new ImageDirectory(top.directory())
                .walk(ImageDirectory.request(top.name(), new ImageRequest.Declared(format)));
    }

    private static void assertTheSame(Chain<DirectoryOpener.OpenedFile> chain, Qemu.Opened opened, String description) {
        Set<Path> files = new TreeSet<>();
        chain.nodes().forEach(node -> files.add(RealPath.of(node.file().path())));
        assertThat(files).as(description).isNotEmpty();
        if (chain.isComplete()) {
            assertThat(opened.succeeded()).as(description + opened.output()).isTrue();
            assertThat(files).as(description).isEqualTo(opened.files());
        } else if (opened.succeeded()) {
            // qemu continues if a format has to be guessed, opens an image as its own raw backing file, accepts more
            // options in JSON than are followed, and names that are relative to itself. It has also opened each
            // listed file.
            Set<Problem.Kind> stricter =
                    EnumSet.of(Problem.Kind.FORMAT_UNSPECIFIED, Problem.Kind.FORMAT_MISMATCH, Problem.Kind.LOOP);
            if (chain.external().stream()
                    .anyMatch(external -> Set.of("json", "file").contains(external.protocol()))) {
                stricter.add(Problem.Kind.UNSUPPORTED);
            }
            assertThat(chain.problems())
                    .as(description)
                    .extracting(Problem::kind)
                    .isSubsetOf(stricter);
            assertThat(opened.files()).as(description).containsAll(files);
        }
    }
}
