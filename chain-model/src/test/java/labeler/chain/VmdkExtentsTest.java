package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmdkExtentsTest extends VmdkImagesTest {
    private static final String FLAT = "monolithicFlat";
    private static final String SPLIT = "twoGbMaxExtentSparse";

    @Test
    void a_flat_extent_beside_the_descriptor_is_raw_and_as_writable_as_the_image() {
        images().raw("vm/disk-flat")
                .write(
                        "vm/image",
                        VmdkBuilder.descriptor(FLAT).flat("disk-flat").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/image")) {
            assertThat(Chains.nodes(chain)).containsExactly("vm/image image vmdk 0 rw", "vm/disk-flat extent raw 1 rw");
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.nodes().getFirst().virtualSize()).hasValue(VmdkBuilder.CAPACITY * 512);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../../secret", "/dev/zero"})
    void an_extent_may_be_any_file_and_is_shown(String name) {
        images().write("vm/image", VmdkBuilder.descriptor(FLAT).flat(name).build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/image")) {
            String resolved = name.startsWith("/") ? name : "vm/" + name;
            assertThat(images().opener().asked()).containsExactly(FileName.of("vm/image"), FileName.of(resolved));
            assertThat(chain.isComplete()).isEqualTo(name.equals("/etc/passwd"));
        }
    }

    @Test
    void a_part_of_a_part_lies_beside_the_image_and_not_beside_the_part() {
        String leaf = VmdkBuilder.descriptor(FLAT).flat("leaf").text();
        String absolute = images().path("other/inner").toString();
        images().raw("vm/leaf")
                .raw("other/leaf")
                .write("other/inner", VmdkBuilder.nested(leaf))
                .write(
                        "vm/outer",
                        VmdkBuilder.nested(
                                VmdkBuilder.descriptor(SPLIT).sparse(absolute).text()))
                .write("vm/image", VmdkBuilder.descriptor(SPLIT).sparse("outer").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/image")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(Chains.names(chain)).containsExactly("vm/image", "vm/outer", absolute, "vm/leaf");
        }
    }

    @Test
    void an_extent_is_a_path_whatever_it_looks_like() {
        for (String name : new String[] {"nbd:x", "json:{}", "file:x"}) {
            images().raw("vm/" + name)
                    .write("vm/image", VmdkBuilder.descriptor(FLAT).flat(name).build());
            try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/image")) {
                assertThat(Chains.names(chain)).containsExactly("vm/image", "vm/" + name);
            }
        }
    }

    @Test
    void two_parts_of_one_file_are_one_node_and_no_loop() {
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .line("RW 4 FLAT \"disk\" 0")
                                .line("RW 4 FLAT \"disk\" 4")
                                .build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.names(chain)).containsExactly("image", "disk");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void sparse_extents_are_vmdk_and_their_parents_do_not_count() {
        images().write(
                        "s1",
                        VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT)
                                .parent("/etc/passwd")
                                .text()));
        images().write("s2", VmdkBuilder.sparseFile());
        images().write(
                        "image",
                        VmdkBuilder.descriptor(SPLIT).sparse("s1").sparse("s2").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "s1 extent vmdk 1 rw", "s2 extent vmdk 1 rw");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void an_extent_in_a_comment_is_none() {
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .line("# RW 4 FLAT \"no\" 0")
                                .flat("disk")
                                .build());
        assertNames("image", "disk");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RW 4 FLAT \"disk\"",
                "RW 4 FLAT \"disk\" -1",
                "RW 4 SPARSE \"disk\" 0",
                "RW 4 VMFS \"disk\" 0",
                "RW 4 OTHER \"disk\" 0",
                "RW 4 FLAT \"disk",
                "RW 99999999999999999999 FLAT \"disk\" 0",
                "RW 9223372036854775807 FLAT \"disk\" 0",
                "RW 18014398509481983 FLAT \"disk\" 0\nRW 1 FLAT \"disk\" 0",
            })
    void an_extent_with_a_wrong_offset_or_size_is_malformed(String line) {
        images().raw("disk")
                .write("image", VmdkBuilder.descriptor(FLAT).line(line).build());
        assertProblem(Problem.Kind.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RDONLY 4 FLAT \"disk\" 0",
                "NOACCESS 4 FLAT \"disk\" 0",
                "rw 4 FLAT \"disk\" 0",
                "RW 4 ZERO",
                "RW 4 FLAT disk 0",
                "RW 4 flat \"disk\"",
                "RW 0 FLAT \"disk\" 0",
                "RW -4 FLAT \"disk\" 0",
                "RW x FLAT \"disk\" 0",
                "RW 4 FLAT \"\" 0",
                "",
            })
    void a_descriptor_without_a_usable_extent_is_malformed_where_qemu_crashes(String line) {
        images().raw("disk")
                .write("image", VmdkBuilder.descriptor(FLAT).line(line).build());
        assertProblem(Problem.Kind.MALFORMED);
    }

    @Test
    void an_extent_may_go_over_five_lines() {
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .line("RW\n4\n\nFLAT\n\"disk\"\n0")
                                .build());
        assertNames("image", "disk");
    }

    @Test
    void blanks_between_the_parts_may_be_left_out_where_the_c_library_does_not_need_them() {
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .line("  RW +4FLAT \"disk\"0")
                                .build());
        assertNames("image", "disk");
    }

    @Test
    void blank_lines_before_an_extent_do_not_make_more_files() {
        images().raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .line("\n\n \n")
                                .flat("disk")
                                .build());
        assertNames("image", "disk");
    }

    @Test
    void an_extent_name_of_512_bytes_is_cut_or_refused_as_by_qemu() {
        String name = "n".repeat(512);
        images().write("image", VmdkBuilder.descriptor(FLAT).flat(name).build());
        assertProblem(Problem.Kind.MALFORMED);
        images().write("image", VmdkBuilder.descriptor(SPLIT).sparse(name).build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("MISSING " + "n".repeat(511));
        }
    }

    @Test
    void the_first_create_type_counts_be_it_in_a_comment() {
        String text = "#\nversion=1\n# createType=\"monolithicFlat\"\ncreateType=\"x\"\nRW 4 FLAT \"disk\" 0\n";
        images().raw("disk").write("image", bytes(text));
        assertNames("image", "disk");
        images().write("image", bytes(text.replace("# create", "xcreate")));
        assertNames("image", "disk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"monolithicSparse", "streamOptimized", "custom", "MONOLITHICFLAT", "fullDevice", ""})
    void another_create_type_is_unsupported_for_a_descriptor(String type) {
        images().raw("disk")
                .write("image", VmdkBuilder.descriptor(type).flat("disk").build());
        assertProblem(Problem.Kind.UNSUPPORTED);
    }

    @Test
    void more_than_512_extents_are_too_many() {
        VmdkBuilder descriptor = VmdkBuilder.descriptor(FLAT);
        for (int i = 0; i < 600; i++) {
            descriptor.flat("disk" + i);
        }
        images().write("image", descriptor.build());
        assertProblem(Problem.Kind.TOO_MANY);
    }

    @Test
    void a_descriptor_of_a_megabyte_is_too_long_and_takes_no_time() {
        for (String filling : new String[] {"\n", "RW ", "RW\n", " ", "\"", "createType=", "#"}) {
            String text = VmdkBuilder.descriptor(FLAT).text() + filling.repeat((1 << 20) / filling.length());
            images().write("image", bytes(text));
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> assertProblem(Problem.Kind.TOO_MANY));
            images().raw("disk").write("image", bytes(cut(text) + "\nRW 4 FLAT \"disk\" 0\n"));
            Assertions.assertTimeoutPreemptively(
                    Duration.ofSeconds(60), () -> walk("image").close());
        }
    }

    private static String cut(String text) {
        return text.substring(0, 100 << 10);
    }

    /** It is first read as a file below the image, and written as a part of one of its parts. */
    @Test
    void a_part_of_a_part_is_writable_though_it_was_met_as_a_backing_file() {
        images().raw("flat")
                .write(
                        "part",
                        VmdkBuilder.nested(
                                VmdkBuilder.descriptor(FLAT).flat("flat").text()))
                .write(
                        "image",
                        VmdkBuilder.descriptor("twoGbMaxExtentSparse")
                                .sparse("part")
                                .build());
        ImageRequest top = new ImageRequest(
                FileName.of("image"),
                new ImageRequest.Declared(ImageFormat.VMDK),
                Access.READ_WRITE,
                new ImageRequest.DeclaredBacking(
                        ImageDirectory.request("flat", new ImageRequest.Declared(ImageFormat.RAW))),
                new ImageRequest.HeaderDataFile(new ImageRequest.ProcessDirectory(FileName.of(""))));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(top)) {
            assertThat(Chains.nodes(chain))
                    .containsExactlyInAnyOrder(
                            "image image vmdk 0 rw", "part extent vmdk 1 rw", "flat backing raw 1 rw");
        }
    }
}
