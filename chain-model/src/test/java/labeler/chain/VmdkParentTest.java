package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VmdkParentTest extends VmdkImagesTest {
    private static final String FLAT = "monolithicFlat";
    private static final String SPLIT = "twoGbMaxExtentSparse";

    @Test
    void a_sparse_file_names_nothing_but_its_parent() {
        images().write(
                        "image",
                        VmdkBuilder.sparseFile(
                                VmdkBuilder.descriptor(FLAT).flat("/etc/passwd").text()));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.names(chain)).containsExactly("image");
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.nodes().getFirst().virtualSize()).hasValue(VmdkBuilder.CAPACITY * 512);
        }
    }

    @Test
    void a_sparse_file_without_capacity_has_the_extents_of_its_descriptor() {
        String text = VmdkBuilder.descriptor(FLAT).flat("disk").text();
        images().raw("disk").write("image", VmdkBuilder.sparseFile(text).putLong(12, 0));
        assertNames("image", "disk");
    }

    @Test
    void a_sparse_file_without_capacity_that_is_its_own_extent_is_a_loop() {
        images().write(
                        "image",
                        VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT)
                                        .sparse("image")
                                        .text())
                                .putLong(12, 0));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP image");
        }
    }

    @Test
    void a_descriptor_and_a_parent_text_may_be_two() {
        // The descriptor is in the third sector; the parent is looked for in the second.
        ByteBuffer image = VmdkBuilder.sparseFile("parentFileNameHint=\"parent\"\n");
        image.putLong(12, 0).putLong(28, 2);
        image.put(1024, VmdkBuilder.descriptor(FLAT).flat("disk").build());
        images().raw("disk").write("parent", VmdkBuilder.sparseFile()).write("image", image);
        assertNames("image", "disk", "parent");
    }

    @Test
    void a_parent_is_read_only_vmdk_and_its_own_parent_follows() {
        images().write("base", VmdkBuilder.sparseFile());
        images().write(
                        "mid",
                        VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                                .parent("base")
                                .text()));
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT).flat("disk").parent("mid").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly(
                            "image image vmdk 0 rw",
                            "disk extent raw 1 rw",
                            "mid backing vmdk 1 ro",
                            "base backing vmdk 2 ro");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void the_extents_of_a_parent_are_read_only() {
        images().raw("disk")
                .write("parent", VmdkBuilder.descriptor(FLAT).flat("disk").build());
        images().write(
                        "image",
                        VmdkBuilder.sparseFile(
                                VmdkBuilder.descriptor("x").parent("parent").text()));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "parent backing vmdk 1 ro", "disk extent raw 2 ro");
        }
    }

    @Test
    void a_part_that_is_the_parent_too_is_refused_since_its_own_parent_counts_in_one_of_the_two() {
        images().write("base", VmdkBuilder.sparseFile());
        images().write(
                        "both",
                        VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                                .parent("base")
                                .text()));
        images().write(
                        "image",
                        VmdkBuilder.descriptor(SPLIT)
                                .sparse("both")
                                .parent("both")
                                .build());
        assertUnsupported("both");
    }

    @Test
    void a_part_of_two_images_in_two_directories_is_refused_since_its_names_mean_two_files() {
        String part = images().path("both").toString();
        images().raw("a/leaf").raw("b/leaf");
        images().write(
                        "both",
                        VmdkBuilder.nested(
                                VmdkBuilder.descriptor(FLAT).flat("leaf").text()));
        images().write("b/parent", VmdkBuilder.descriptor(SPLIT).sparse(part).build());
        images().write(
                        "a/image",
                        VmdkBuilder.descriptor(SPLIT)
                                .sparse(part)
                                .parent("../b/parent")
                                .build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("a/image")) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED " + part);
        }
    }

    @Test
    void a_part_that_an_image_and_its_parent_beside_it_share_is_followed_once() {
        images().raw("leaf")
                .write(
                        "both",
                        VmdkBuilder.nested(
                                VmdkBuilder.descriptor(FLAT).flat("leaf").text()))
                .write("parent", VmdkBuilder.descriptor(SPLIT).sparse("both").build())
                .write(
                        "image",
                        VmdkBuilder.descriptor(SPLIT)
                                .sparse("both")
                                .parent("parent")
                                .build());
        assertNames("image", "both", "parent", "leaf");
    }

    @Test
    void a_part_of_two_kinds_is_refused() {
        images().write("both", VmdkBuilder.sparseFile());
        images().write(
                        "image",
                        VmdkBuilder.descriptor(SPLIT)
                                .sparse("both")
                                .spaceEfficient("both")
                                .build());
        assertUnsupported("both");
    }

    private void assertUnsupported(String file) {
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED " + file);
        }
    }

    @Test
    void the_first_parent_counts_be_it_in_a_comment() {
        images().raw("disk").write("parent", VmdkBuilder.sparseFile());
        images().write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .flat("disk")
                                .line("# parentFileNameHint=\"parent\"")
                                .parent("x")
                                .build());
        assertNames("image", "disk", "parent");
    }

    @Test
    void spaces_before_a_parents_equals_sign_make_another_name() {
        images().raw("disk").write(" ", VmdkBuilder.sparseFile());
        images().write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .flat("disk")
                                .line("parentFileNameHint = \"parent\"")
                                .build());
        assertNames("image", "disk", " ");
    }

    @Test
    void a_parent_without_a_closing_quote_is_malformed() {
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .flat("disk")
                                .line("parentFileNameHint=\"x")
                                .build());
        assertProblem(Problem.Kind.MALFORMED);
        images().write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .flat("disk")
                                .parent("p".repeat(1024))
                                .build());
        assertProblem(Problem.Kind.MALFORMED);
    }

    @Test
    void a_parent_behind_the_end_of_the_text_is_a_warning() {
        images().write("image", VmdkBuilder.sparseFile("CID=1\n\0parentFileNameHint=\"x\""));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.names(chain)).containsExactly("image");
            assertThat(Chains.warnings(chain)).containsExactly("FORMAT_MISMATCH image");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"nbd://h/e, nbd", "json:{}, json"})
    void a_parent_may_be_behind_a_protocol(String name, String protocol) {
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT).flat("disk").parent(name).build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.external(chain)).containsExactly(protocol + " " + name + " backing image");
        }
    }

    @Test
    void a_virtual_disk_of_esx_has_a_parent_too() {
        ByteBuffer image = ByteBuffer.allocate(8192).put(0, bytes("COWD"));
        image.put(512, bytes("parentFileNameHint=\"parent\"\n"));
        images().write("parent", VmdkBuilder.sparseFile()).write("image", image);
        assertNames("image", "parent");
    }

    @ParameterizedTest
    @CsvSource({
        "4, 4, UNSUPPORTED", "4, -1, UNSUPPORTED", "44, 0, MALFORMED", "44, 513, MALFORMED", "20, 0, MALFORMED",
        "20, 2097153, MALFORMED", "24, -1, MALFORMED", "16, -1, MALFORMED", "68, -1, MALFORMED", "64, 1000, MALFORMED"
    })
    void a_sparse_header_out_of_range_is_refused(int field, int value, Problem.Kind kind) {
        images().write("image", VmdkBuilder.sparseFile().putInt(field, value));
        assertProblem(kind);
    }

    @Test
    void a_grain_directory_at_the_end_takes_its_header_from_the_footer() {
        ByteBuffer image = VmdkBuilder.sparseFile();
        int end = image.limit();
        byte[] header = new byte[80];
        image.get(0, header);
        image.putLong(56, -1);
        images().write("image", image);
        assertProblem(Problem.Kind.MALFORMED);
        image.putInt(end - 1536 + 12, 3).put(end - 1024, header);
        images().write("image", image);
        assertNames("image");
        image.putInt(end - 1024 + 4, 4);
        images().write("image", image);
        assertProblem(Problem.Kind.UNSUPPORTED);
    }

    @Test
    void a_descriptor_offset_beyond_any_file_is_malformed() {
        for (long offset : new long[] {-1, Long.MAX_VALUE, 1L << 55, 1L << 40}) {
            images().write("image", VmdkBuilder.sparseFile().putLong(12, 0).putLong(28, offset));
            assertProblem(Problem.Kind.MALFORMED);
        }
    }
}
