package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.stream.Stream;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The first bytes of a VMDK file, which mean one thing for an image and another for a part of one. */
class VmdkMagicTest extends VmdkImagesTest {
    private static final String FLAT = "monolithicFlat";
    private static final String SPLIT = "twoGbMaxExtentSparse";
    private static final String SPACE_EFFICIENT = "seSparse";
    private static final String MAGIC_OF_A_PART = "\u00be\u00ba\u00fe\u00ca";

    @ParameterizedTest
    @ValueSource(strings = {MAGIC_OF_A_PART, MAGIC_OF_A_PART + "\n", "\u00ca\u00fe\u00ba\u00be", "QFI\u00fb", "DMVK"})
    void four_bytes_before_a_descriptor_hide_none_of_its_names(String before) {
        String text = VmdkBuilder.descriptor(FLAT).flat("disk").parent("parent").text();
        images().raw("disk").write("parent", VmdkBuilder.sparseFile()).write("image", bytes(before + text));
        assertNames("image", "disk", "parent");
    }

    @Test
    void four_bytes_before_the_descriptor_of_a_backing_file_hide_none_of_its_names() {
        String text = VmdkBuilder.descriptor(FLAT).flat("disk").text();
        images().raw("disk")
                .write("base", bytes(MAGIC_OF_A_PART + text))
                .write("top", Qcow2Builder.overlay("base", "vmdk"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(Chains.names(chain)).containsExactly("top", "base", "disk");
        }
    }

    @Test
    void a_space_efficient_part_names_nothing() {
        images().write("part", VmdkBuilder.spaceEfficientFile())
                .write(
                        "image",
                        VmdkBuilder.descriptor(SPACE_EFFICIENT)
                                .spaceEfficient("part")
                                .build());
        assertNames("image", "part");
    }

    @Test
    void a_space_efficient_part_is_no_image_of_its_own() {
        images().write("image", VmdkBuilder.spaceEfficientFile());
        assertProblem(Problem.Kind.FORMAT_MISMATCH);
    }

    static Stream<byte[]> noSpaceEfficientParts() {
        return Stream.of(
                bytes(MAGIC_OF_A_PART
                        + VmdkBuilder.descriptor(FLAT).flat("disk").text()),
                OtherImages.bytes(VmdkBuilder.spaceEfficientFile().putInt(4, 1)),
                bytes(MAGIC_OF_A_PART + "\0\0\0"),
                OtherImages.bytes(VmdkBuilder.sparseFile()),
                VmdkBuilder.descriptor(FLAT).flat("disk").build());
    }

    @ParameterizedTest
    @MethodSource("noSpaceEfficientParts")
    void a_space_efficient_part_begins_with_eight_bytes_of_its_own(byte[] part) {
        images().raw("disk")
                .write("part", part)
                .write(
                        "image",
                        VmdkBuilder.descriptor(SPACE_EFFICIENT)
                                .spaceEfficient("part")
                                .build());
        assertProblemOfPart();
    }

    static Stream<byte[]> noSparseParts() {
        return Stream.of(
                VmdkBuilder.descriptor(FLAT).flat("disk").build(),
                OtherImages.bytes(VmdkBuilder.spaceEfficientFile()),
                OtherImages.bytes(ByteBuffer.allocate(4096)),
                new byte[3]);
    }

    @ParameterizedTest
    @MethodSource("noSparseParts")
    void a_sparse_part_is_a_sparse_file_and_no_text(byte[] part) {
        images().raw("disk")
                .write("part", part)
                .write("image", VmdkBuilder.descriptor(SPLIT).sparse("part").build());
        assertProblemOfPart();
    }

    private void assertProblemOfPart() {
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_MISMATCH part");
            assertThat(Chains.names(chain)).containsExactly("image", "part");
        }
    }
}
