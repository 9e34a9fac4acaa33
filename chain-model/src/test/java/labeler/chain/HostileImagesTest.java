package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import labeler.chain.format.ParseResult;
import labeler.chain.format.qcow2.Qcow2Reader;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ReadBudget;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.MemoryImage;
import labeler.chain.testing.Mutants;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For every image, reading takes little and ends with an answer. */
class HostileImagesTest {
    private static final int MUTANTS = 20_000;

    @TempDir
    private Path directory;

    @Test
    void no_mutant_throws_or_reads_beyond_the_budget() {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("HostileImagesTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        int parsed = 0;
        for (int i = 0; i < MUTANTS; i++) {
            MemoryImage image = new MemoryImage(Mutants.of(random));
            ParseResult result = new Qcow2Reader().parse(new BoundedReader(image, ReadBudget.HEADER));
            assertThat(image.bytesAsked())
                    .as("seed %d, mutant %d", seed, i)
                    .isLessThanOrEqualTo(ReadBudget.HEADER.bytes());
            if (result instanceof ParseResult.Parsed) {
                parsed++;
            }
        }
        assertThat(parsed).isBetween(MUTANTS / 10, MUTANTS - MUTANTS / 10);
    }

    @Test
    void random_bytes_behind_a_magic_neither_throw_nor_make_an_endless_walk() {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(2048)];
            random.nextBytes(bytes);
            if (bytes.length >= 8) {
                ByteBuffer.wrap(bytes).putInt(0, 0x514649fb).putInt(4, 2 + random.nextInt(2));
            }
            List<MemoryImage> opened = new ArrayList<>();
            ImageOpener<MemoryImage> opener = name -> {
                opened.add(new MemoryImage(bytes, new FileIdentity(1, opened.size())));
                return new ImageOpener.Open<>(opened.getLast());
            };
            try (Chain<MemoryImage> chain = new ChainWalker<>(opener, ChainLimits.DEFAULT)
                    .walk(ImageDirectory.request("x", new ImageRequest.Declared(ImageFormat.QCOW2)))) {
                assertThat(chain.nodes()).as("seed %d, run %d", seed, i).isNotEmpty();
            }
            assertThat(opened).allMatch(MemoryImage::isClosed);
        }
    }

    @Test
    void an_opener_that_always_has_another_image_meets_the_limit_of_depth() {
        byte[] overlay = Qcow2Builder.overlay("next", "qcow2").dataFile("data").build();
        List<MemoryImage> opened = new ArrayList<>();
        ImageOpener<MemoryImage> opener = name -> {
            opened.add(new MemoryImage(overlay, new FileIdentity(1, opened.size())));
            return new ImageOpener.Open<>(opened.getLast());
        };
        try (Chain<MemoryImage> chain = new ChainWalker<>(opener, ChainLimits.DEFAULT)
                .walk(ImageDirectory.request("x", new ImageRequest.Declared(ImageFormat.QCOW2)))) {
            assertThat(chain.nodes()).hasSize(2 * 201);
            assertThat(chain.problems()).hasSize(1);
        }
        assertThat(opened).hasSize(2 * 201).allMatch(MemoryImage::isClosed);
    }

    @Test
    void a_deep_chain_takes_one_read_an_image() {
        ImageDirectory images = new ImageDirectory(directory);
        int depth = ChainLimits.DEFAULT.depth();
        for (int i = 0; i < depth; i++) {
            images.write("layer" + i, Qcow2Builder.overlay("layer" + (i + 1), "qcow2"));
        }
        images.raw("layer" + depth).write("layer" + (depth - 1), Qcow2Builder.overlay("layer" + depth, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk("layer0")) {
            assertThat(chain.nodes()).hasSize(depth + 1);
            assertThat(chain.isComplete()).isTrue();
        }
        // One read an image, and one that looks at the raw base.
        assertThat(images.opener().reads()).isEqualTo(depth + 1L);
    }
}
