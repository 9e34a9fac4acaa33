package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VmdkTest {
    private static final String FLAT = "monolithicFlat";
    private static final String SPLIT = "twoGbMaxExtentSparse";

    @TempDir
    private Path directory;

    private ImageDirectory images;

    @BeforeEach
    void start() {
        images = new ImageDirectory(directory);
    }

    @AfterEach
    void every_file_was_closed() {
        assertThat(images.opener().openNow()).isZero();
    }

    @Test
    void a_flat_extent_beside_the_descriptor_is_raw_and_as_writable_as_the_image() {
        images.raw("vm/disk-flat")
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
        images.write("vm/image", VmdkBuilder.descriptor(FLAT).flat(name).build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/image")) {
            String resolved = name.startsWith("/") ? name : "vm/" + name;
            assertThat(images.opener().asked()).containsExactly(FileName.of("vm/image"), FileName.of(resolved));
            assertThat(chain.isComplete()).isEqualTo(name.equals("/etc/passwd"));
        }
    }

    @Test
    void an_extent_is_a_path_whatever_it_looks_like() {
        for (String name : new String[] {"nbd:x", "json:{}", "file:x"}) {
            images.raw("vm/" + name)
                    .write("vm/image", VmdkBuilder.descriptor(FLAT).flat(name).build());
            try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/image")) {
                assertThat(Chains.names(chain)).containsExactly("vm/image", "vm/" + name);
            }
        }
    }

    @Test
    void two_parts_of_one_file_are_one_node_and_no_loop() {
        images.raw("disk")
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
        images.write(
                "s1",
                VmdkBuilder.sparseFile(
                        VmdkBuilder.descriptor(SPLIT).parent("/etc/passwd").text()));
        images.write("s2", VmdkBuilder.sparseFile());
        images.write(
                "image", VmdkBuilder.descriptor(SPLIT).sparse("s1").sparse("s2").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "s1 extent vmdk 1 rw", "s2 extent vmdk 1 rw");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void an_extent_in_a_comment_is_none() {
        images.raw("disk")
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
        images.raw("disk")
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
        images.raw("disk")
                .write("image", VmdkBuilder.descriptor(FLAT).line(line).build());
        assertProblem(Problem.Kind.MALFORMED);
    }

    @Test
    void an_extent_may_go_over_five_lines() {
        images.raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .line("RW\n4\n\nFLAT\n\"disk\"\n0")
                                .build());
        assertNames("image", "disk");
    }

    @Test
    void blanks_between_the_parts_may_be_left_out_where_the_c_library_does_not_need_them() {
        images.raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .line("  RW +4FLAT \"disk\"0")
                                .build());
        assertNames("image", "disk");
    }

    @Test
    void blank_lines_before_an_extent_do_not_make_more_files() {
        images.raw("disk")
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
        images.write("image", VmdkBuilder.descriptor(FLAT).flat(name).build());
        assertProblem(Problem.Kind.MALFORMED);
        images.write("image", VmdkBuilder.descriptor(SPLIT).sparse(name).build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("MISSING " + "n".repeat(511));
        }
    }

    @Test
    void the_first_create_type_counts_be_it_in_a_comment() {
        String text = "#\nversion=1\n# createType=\"monolithicFlat\"\ncreateType=\"x\"\nRW 4 FLAT \"disk\" 0\n";
        images.raw("disk").write("image", bytes(text));
        assertNames("image", "disk");
        images.write("image", bytes(text.replace("# create", "xcreate")));
        assertNames("image", "disk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"monolithicSparse", "streamOptimized", "custom", "MONOLITHICFLAT", "fullDevice", ""})
    void another_create_type_is_unsupported_for_a_descriptor(String type) {
        images.raw("disk")
                .write("image", VmdkBuilder.descriptor(type).flat("disk").build());
        assertProblem(Problem.Kind.UNSUPPORTED);
    }

    @Test
    void more_than_512_extents_are_too_many() {
        VmdkBuilder descriptor = VmdkBuilder.descriptor(FLAT);
        for (int i = 0; i < 600; i++) {
            descriptor.flat("disk" + i);
        }
        images.write("image", descriptor.build());
        assertProblem(Problem.Kind.TOO_MANY);
    }

    @Test
    void a_descriptor_of_a_megabyte_is_too_long_and_takes_no_time() {
        for (String filling : new String[] {"\n", "RW ", "RW\n", " ", "\"", "createType=", "#"}) {
            String text = VmdkBuilder.descriptor(FLAT).text() + filling.repeat((1 << 20) / filling.length());
            images.write("image", bytes(text));
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertProblem(Problem.Kind.TOO_MANY));
            images.raw("disk").write("image", bytes(cut(text) + "\nRW 4 FLAT \"disk\" 0\n"));
            Assertions.assertTimeoutPreemptively(
                    Duration.ofSeconds(10), () -> walk("image").close());
        }
    }

    private static String cut(String text) {
        return text.substring(0, 100 << 10);
    }

    @Test
    void a_sparse_file_names_nothing_but_its_parent() {
        images.write(
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
        images.raw("disk").write("image", VmdkBuilder.sparseFile(text).putLong(12, 0));
        assertNames("image", "disk");
    }

    @Test
    void a_sparse_file_without_capacity_that_is_its_own_extent_is_a_loop() {
        images.write(
                "image",
                VmdkBuilder.sparseFile(
                                VmdkBuilder.descriptor(SPLIT).sparse("image").text())
                        .putLong(12, 0));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP image");
        }
    }

    @Test
    void extents_in_a_circle_are_a_loop_and_all_are_writable() {
        images.write("image", VmdkBuilder.descriptor(SPLIT).sparse("a").build());
        images.write(
                "a",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT).sparse("b").text())
                        .putLong(12, 0));
        images.write(
                "b",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT).sparse("a").text())
                        .putLong(12, 0));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP b");
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "a extent vmdk 1 rw", "b extent vmdk 2 rw");
        }
    }

    @Test
    void a_circle_is_found_also_where_it_was_entered_twice() {
        images.write(
                "image", VmdkBuilder.descriptor(SPLIT).sparse("a").sparse("b").build());
        images.write(
                "a",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT).sparse("b").text())
                        .putLong(12, 0));
        images.write(
                "b",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT).sparse("a").text())
                        .putLong(12, 0));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP b");
            assertThat(Chains.names(chain)).containsExactly("image", "a", "b");
        }
    }

    @Test
    void a_part_of_a_part_is_writable_also_where_it_was_met_as_a_parent_before() {
        images.write("b", VmdkBuilder.sparseFile());
        images.write(
                "a",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT).sparse("b").text())
                        .putLong(12, 0));
        images.write(
                "image", VmdkBuilder.descriptor(SPLIT).sparse("a").parent("b").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "a extent vmdk 1 rw", "b backing vmdk 1 rw");
        }
    }

    @Test
    void files_that_all_name_each_other_take_no_time() {
        VmdkBuilder all = VmdkBuilder.descriptor(SPLIT);
        for (int i = 0; i < 500; i++) {
            all.sparse("disk" + i);
        }
        for (int i = 0; i < 500; i++) {
            images.write("disk" + i, VmdkBuilder.sparseFile(all.text()).putLong(12, 0));
        }
        images.write("image", all.build());
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
                assertThat(Chains.problems(chain)).contains("TOO_MANY disk48");
                assertThat(images.opener().asked()).hasSize(1 + 4 * 512);
            }
        });
    }

    @Test
    void a_descriptor_and_a_parent_text_may_be_two() {
        // The descriptor is in the third sector; the parent is looked for in the second.
        ByteBuffer image = VmdkBuilder.sparseFile("parentFileNameHint=\"parent\"\n");
        image.putLong(12, 0).putLong(28, 2);
        image.put(1024, VmdkBuilder.descriptor(FLAT).flat("disk").build());
        images.raw("disk").write("parent", VmdkBuilder.sparseFile()).write("image", image);
        assertNames("image", "disk", "parent");
    }

    @Test
    void a_parent_is_read_only_vmdk_and_its_own_parent_follows() {
        images.write("base", VmdkBuilder.sparseFile());
        images.write(
                "mid",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                        .parent("base")
                        .text()));
        images.raw("disk")
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
        images.raw("disk")
                .write("parent", VmdkBuilder.descriptor(FLAT).flat("disk").build());
        images.write(
                "image",
                VmdkBuilder.sparseFile(
                        VmdkBuilder.descriptor("x").parent("parent").text()));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "parent backing vmdk 1 ro", "disk extent raw 2 ro");
        }
    }

    @Test
    void the_first_parent_counts_be_it_in_a_comment() {
        images.raw("disk").write("parent", VmdkBuilder.sparseFile());
        images.write(
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
        images.raw("disk").write(" ", VmdkBuilder.sparseFile());
        images.write(
                "image",
                VmdkBuilder.descriptor(FLAT)
                        .flat("disk")
                        .line("parentFileNameHint = \"parent\"")
                        .build());
        assertNames("image", "disk", " ");
    }

    @Test
    void a_parent_without_a_closing_quote_is_malformed() {
        images.raw("disk")
                .write(
                        "image",
                        VmdkBuilder.descriptor(FLAT)
                                .flat("disk")
                                .line("parentFileNameHint=\"x")
                                .build());
        assertProblem(Problem.Kind.MALFORMED);
        images.write(
                "image",
                VmdkBuilder.descriptor(FLAT)
                        .flat("disk")
                        .parent("p".repeat(1024))
                        .build());
        assertProblem(Problem.Kind.MALFORMED);
    }

    @Test
    void a_parent_behind_the_end_of_the_text_is_a_warning() {
        images.write("image", VmdkBuilder.sparseFile("CID=1\n\0parentFileNameHint=\"x\""));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.names(chain)).containsExactly("image");
            assertThat(Chains.warnings(chain)).containsExactly("FORMAT_MISMATCH image");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"nbd://h/e, nbd", "json:{}, json"})
    void a_parent_may_be_behind_a_protocol(String name, String protocol) {
        images.raw("disk")
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
        images.write("parent", VmdkBuilder.sparseFile()).write("image", image);
        assertNames("image", "parent");
    }

    @ParameterizedTest
    @CsvSource({
        "4, 4, UNSUPPORTED", "4, -1, UNSUPPORTED", "44, 0, MALFORMED", "44, 513, MALFORMED", "20, 0, MALFORMED",
        "20, 2097153, MALFORMED", "24, -1, MALFORMED", "16, -1, MALFORMED", "68, -1, MALFORMED", "64, 1000, MALFORMED"
    })
    void a_sparse_header_out_of_range_is_refused(int field, int value, Problem.Kind kind) {
        images.write("image", VmdkBuilder.sparseFile().putInt(field, value));
        assertProblem(kind);
    }

    @Test
    void a_grain_directory_at_the_end_takes_its_header_from_the_footer() {
        ByteBuffer image = VmdkBuilder.sparseFile();
        int end = image.limit();
        byte[] header = new byte[80];
        image.get(0, header);
        image.putLong(56, -1);
        images.write("image", image);
        assertProblem(Problem.Kind.MALFORMED);
        image.putInt(end - 1536 + 12, 3).put(end - 1024, header);
        images.write("image", image);
        assertNames("image");
        image.putInt(end - 1024 + 4, 4);
        images.write("image", image);
        assertProblem(Problem.Kind.UNSUPPORTED);
    }

    @Test
    void a_descriptor_offset_beyond_any_file_is_malformed() {
        for (long offset : new long[] {-1, Long.MAX_VALUE, 1L << 55, 1L << 40}) {
            images.write("image", VmdkBuilder.sparseFile().putLong(12, 0).putLong(28, offset));
            assertProblem(Problem.Kind.MALFORMED);
        }
    }

    @Test
    void no_damage_throws() {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("VmdkTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        byte[] text =
                VmdkBuilder.descriptor(SPLIT).sparse("x").flat("y").parent("z").build();
        ByteBuffer sparse = VmdkBuilder.sparseFile(new String(text, StandardCharsets.ISO_8859_1));
        for (int i = 0; i < 1000; i++) {
            byte[] image = text.clone();
            if (random.nextBoolean()) {
                image = new byte[4096];
                sparse.get(0, image);
                image[12] = (byte) random.nextInt(2);
                image[13] = 0;
            }
            for (int change = 0; change < 3; change++) {
                image[random.nextInt(text.length)] = (byte) random.nextInt(256);
            }
            images.write("image", Arrays.copyOf(image, random.nextInt(4) == 0 ? 200 : image.length));
            try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
                assertThat(chain.nodes()).as("seed %d, image %d", seed, i).isNotEmpty();
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void assertNames(String... names) {
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(Chains.names(chain)).containsExactly(names);
        }
    }

    private void assertProblem(Problem.Kind kind) {
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly(kind + " image");
        }
    }

    private Chain<DirectoryOpener.OpenedFile> walk(String name) {
        return images.walk(ImageDirectory.request(name, new ImageRequest.Declared(ImageFormat.VMDK)));
    }
}
