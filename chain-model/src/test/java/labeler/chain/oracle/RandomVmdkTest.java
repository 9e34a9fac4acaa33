package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import labeler.chain.Chain;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.RequiresCommands;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares random descriptors with the files that qemu opens. {@code -Dlabeler.seed=N} repeats a run. */
@RequiresCommands({"qemu-io", "strace", "prlimit"})
class RandomVmdkTest {
    private static final int DESCRIPTORS = 200;
    private static final int LEAST_COMPLETE = DESCRIPTORS / 10;

    private static final List<String> ACCESS =
            List.of("RW", "RW", "RW", "RW", "RW", "RW", "RW", "RW", "RW", "RDONLY", "rw", "RW\n", "RWX");
    private static final List<String> SECTORS =
            List.of("2048", "2048", "2048", "2048", "2048", "2048", "+1", "0", "-1", "x");
    private static final List<String> TYPES = List.of(
            "FLAT", "FLAT", "FLAT", "FLAT", "SPARSE", "SPARSE", "SPARSE", "VMFS", "ZERO", "VMFSSPARSE", "SESPARSE", "");
    private static final List<String> NAMES = List.of(
            "\"disk\"",
            "\"disk\"",
            "\"sparse\"",
            "\"sparse\"",
            "\"./sparse\"",
            "\"spaceEfficient\"",
            "\"text\"",
            "\"sub/nested\"",
            "\"child\"",
            "\"sparse",
            "disk",
            "\"\"",
            "\"nowhere\"");
    private static final List<String> OFFSETS = List.of("", "", " 0", " 0", " 0", " 0", "0", " -1", " x", "\n0", " 8");
    private static final List<String> BLANKS = List.of(" ", " ", " ", " ", " ", " ", "  ", "\t", "\n", "\r\n", "");
    private static final List<String> RIGHT = List.of(
            "RW 2048 FLAT \"disk\" 0",
            "RW 2048 SPARSE \"sparse\"",
            "RW 2048 VMFS \"disk\"",
            "RW 2048 SESPARSE \"spaceEfficient\"",
            "RW 2048 SPARSE \"sub/nested\"");

    /** Before a descriptor. */
    private static final List<String> BEFORE =
            List.of("", "", "", "", "\n\n", "\u00be\u00ba\u00fe\u00ca", "\u00be\u00ba\u00fe\u00ca\n", "QFI\u00fb");

    private static final List<String> OTHER = List.of(
            "",
            "# comment",
            "parentFileNameHint=\"parent\"",
            "parentFileNameHint = \"parent\"",
            "# parentFileNameHint=\"parent\"",
            "parentFileNameHint=\"child\"",
            "RW 2048 SPARSE \"child\"\nparentFileNameHint=\"child\"",
            "parentFileNameHint=\"",
            "parentFileNameHint",
            "createType=\"x\"",
            "ddb.adapterType = \"ide\"");

    @TempDir
    private Path directory;

    @Test
    void a_complete_set_is_exactly_the_files_that_qemu_opens() {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("RandomVmdkTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        ImageDirectory images = new ImageDirectory(directory);
        images.write("disk", new byte[1 << 21]).write("sparse", VmdkBuilder.sparseFile());
        images.write("parent", VmdkBuilder.sparseFile()).write(" ", VmdkBuilder.sparseFile());
        images.write("spaceEfficient", VmdkBuilder.spaceEfficientFile());
        images.write(
                "text", VmdkBuilder.descriptor("monolithicFlat").flat("disk").build());
        images.write(
                "child",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                        .parent("parent")
                        .text()));
        // What is beside a part is not what the part names.
        images.write("sub/disk", new byte[1 << 21]).write("sub/sparse", VmdkBuilder.sparseFile());
        images.write(
                "sub/nested",
                VmdkBuilder.nested(VmdkBuilder.descriptor("monolithicFlat")
                        .flat("disk")
                        .sparse("sparse")
                        .text()));
        int complete = 0;
        int stricter = 0;
        for (int i = 0; i < DESCRIPTORS; i++) {
            String text = text(random);
            VmdkBuilder descriptor = VmdkBuilder.descriptor("monolithicFlat").line(text);
            if (random.nextInt(3) == 0) {
                images.write("image", VmdkBuilder.sparseFile(descriptor.text()).putLong(12, 0));
            } else {
                String before = pick(random, BEFORE);
                images.write("image", (before + descriptor.text()).getBytes(StandardCharsets.ISO_8859_1));
            }
            Qemu.Opened opened = new Qemu(directory).openedFor("vmdk", "image");
            try (Chain<DirectoryOpener.OpenedFile> chain =
                    images.walk(ImageDirectory.request("image", new ImageRequest.Declared(ImageFormat.VMDK)))) {
                if (chain.isComplete()) {
                    String description = "seed " + seed + ", number " + i + ": " + text + " " + opened.output();
                    Set<Path> files = new TreeSet<>();
                    chain.nodes()
                            .forEach(node -> files.add(RealPath.of(node.file().path())));
                    assertThat(opened.succeeded()).as(description).isTrue();
                    assertThat(files).as(description).isEqualTo(opened.files());
                    complete++;
                } else if (opened.succeeded() && !hasNoExtent(chain)) {
                    stricter++;
                    System.out.println("RandomVmdkTest: only qemu takes " + text.replace("\n", "\\n") + ", not "
                            + chain.problems());
                }
            }
        }
        System.out.println(
                "RandomVmdkTest: " + complete + " of " + DESCRIPTORS + " are complete, only qemu takes " + stricter);
        assertThat(complete).isGreaterThan(LEAST_COMPLETE);
    }

    /** qemu opens such a disk of no size, but qemu-img aborts on it. */
    private static boolean hasNoExtent(Chain<?> chain) {
        return chain.problems().getFirst().message().contains("no extent that can be used");
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int lines = 1 + random.nextInt(3);
        for (int i = 0; i < lines; i++) {
            if (random.nextInt(4) == 0) {
                text.append(pick(random, OTHER));
            } else if (random.nextInt(3) == 0) {
                text.append(pick(random, RIGHT));
            } else {
                text.append(pick(random, ACCESS)).append(pick(random, BLANKS));
                text.append(pick(random, SECTORS)).append(pick(random, BLANKS));
                text.append(pick(random, TYPES)).append(pick(random, BLANKS));
                text.append(pick(random, NAMES)).append(pick(random, OFFSETS));
            }
            text.append(random.nextInt(8) == 0 ? "\r\n" : "\n");
        }
        return text.toString();
    }

    private static String pick(Random random, List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
