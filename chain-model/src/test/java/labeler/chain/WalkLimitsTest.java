package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;

/** Limits for all files of a chain together, even if each of them needs little. */
class WalkLimitsTest extends VmdkImagesTest {
    private static final String SPLIT = "twoGbMaxExtentSparse";

    private VmdkBuilder parts(int count) {
        VmdkBuilder image = VmdkBuilder.descriptor(SPLIT);
        for (int i = 0; i < count; i++) {
            image.sparse("part" + i);
        }
        return image;
    }

    private void write(int count, byte[] part) {
        images().write("image", parts(count).build());
        for (int i = 0; i < count; i++) {
            images().write("part" + i, part);
        }
    }

    @Test
    void a_disk_in_511_sparse_parts_is_complete() {
        byte[] part = Arrays.copyOf(OtherImages.bytes(VmdkBuilder.sparseFile().putLong(64, 2)), 1 << 14);
        write(511, part);
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(chain.nodes()).hasSize(512);
        }
    }

    @Test
    void headers_of_more_than_eight_mebibytes_together_end_the_walk() {
        images().raw("flat");
        String text = VmdkBuilder.descriptor("monolithicFlat").flat("flat").text();
        write(100, VmdkBuilder.nested(text + "#" + "x".repeat(120 << 10)));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.problems()).hasSize(1);
            assertThat(Chains.problems(chain).getFirst()).startsWith("TOO_MANY part");
            assertThat(chain.problems().getFirst().message()).contains("headers");
            assertThat(images().opener().asked()).hasSizeBetween(55, 65);
        }
    }

    @Test
    void more_text_than_somebody_would_read_ends_the_walk() {
        StringBuilder unopened = new StringBuilder();
        for (int i = 0; i < 250; i++) {
            unopened.append("RDONLY 1 FLAT \"")
                    .append(i)
                    .append("x".repeat(400))
                    .append("\" 0\n");
        }
        images().raw("flat");
        String text = VmdkBuilder.descriptor("monolithicFlat").flat("flat").text();
        write(100, VmdkBuilder.nested(text + unopened));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.problems()).hasSize(1);
            assertThat(Chains.problems(chain).getFirst()).startsWith("TOO_MANY part");
            assertThat(chain.problems().getFirst().message()).contains("left out");
            assertThat(chain.unfollowed()).hasSizeBetween(700, 1100);
            assertThat(images().opener().asked()).hasSizeLessThan(10);
        }
    }

    private Chain<DirectoryOpener.OpenedFile> walkToTwoFiles() {
        return new ChainWalker<>(images().opener(), new ChainLimits(200, 2))
                .walk(ImageDirectory.request("image", new ImageRequest.Declared(ImageFormat.VMDK)));
    }

    @Test
    void files_name_each_other_four_times_as_often_as_there_may_be_files() {
        images().raw("flat");
        VmdkBuilder image = VmdkBuilder.descriptor("twoGbMaxExtentFlat");
        for (int i = 0; i < 8; i++) {
            image.flat("./".repeat(i) + "flat");
        }
        images().write("image", image.build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walkToTwoFiles()) {
            assertThat(chain.problems()).isEmpty();
            assertThat(Chains.names(chain)).containsExactly("image", "flat");
        }
        images().write("image", image.flat("ninth").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walkToTwoFiles()) {
            assertThat(Chains.problems(chain)).containsExactly("TOO_MANY ninth");
            assertThat(chain.problems().getFirst().message()).contains("more than 8 times");
        }
    }

    @Test
    void names_of_more_than_half_a_mebibyte_together_end_the_walk() {
        String directory = "./".repeat(1800);
        images().write("image", parts(200).build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(directory + "image")) {
            assertThat(chain.problems()).hasSize(1);
            assertThat(chain.problems().getFirst().kind()).isEqualTo(Problem.Kind.TOO_MANY);
            assertThat(chain.problems().getFirst().message()).contains("524288 bytes");
            assertThat(images().opener().asked()).hasSize(1);
        }
    }
}
