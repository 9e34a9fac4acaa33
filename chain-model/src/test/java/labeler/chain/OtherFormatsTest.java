package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OtherFormatsTest extends ImagesTest {
    private static final int QED_BACKING = 1;
    private static final int QED_BACKING_IS_RAW = 4;

    @Test
    void every_format_has_a_reader() {
        for (ImageFormat format : ImageFormat.values()) {
            assertThat(StandardFormats.readers().of(format)).as(format.driver()).isPresent();
        }
    }

    @Test
    void images_without_references_are_one_file_with_its_size_detected_by_their_magic() {
        assertAlone(OtherImages.qcow(""), "qcow");
        assertAlone(OtherImages.qed(0, "ignored"), "qed");
        assertAlone(OtherImages.vdi(1), "vdi");
        assertAlone(OtherImages.vhd(3, ""), "vpc");
        assertAlone(OtherImages.vhdx(false), "vhdx");
        assertAlone(OtherImages.parallels("WithoutFreeSpace"), "parallels");
        assertAlone(OtherImages.parallels("WithouFreSpacExt"), "parallels");
        assertAlone(OtherImages.bochs(), "bochs");
        assertAlone(OtherImages.cloop(), "cloop");
        assertAlone(OtherImages.dmg(), "dmg");
    }

    private void assertAlone(ByteBuffer image, String driver) {
        String name = driver.equals("dmg") ? "image.dmg" : "image";
        images().write(name, image);
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request(name, new ImageRequest.Detect()))) {
            assertThat(chain.problems()).as(driver).isEmpty();
            assertThat(Chains.nodes(chain)).containsExactly(name + " image " + driver + " 0 rw");
            assertThat(chain.nodes().getFirst().virtualSize()).as(driver).hasValue(1 << 20);
        }
    }

    @ParameterizedTest
    @EnumSource(ImageFormat.class)
    void an_image_of_zeros_or_of_nothing_is_not_of_any_format_but_raw(ImageFormat format) {
        for (int length : new int[] {0, 1, 7, 64, 4096, 300_000}) {
            images().write("image", new byte[length]);
            try (Chain<DirectoryOpener.OpenedFile> chain = walk(format)) {
                if (format == ImageFormat.RAW) {
                    assertThat(chain.problems()).isEmpty();
                } else {
                    assertThat(Chains.problems(chain)).as("%d bytes", length).containsExactly("FORMAT_MISMATCH image");
                }
            }
        }
    }

    @Test
    void qcow_names_a_backing_file_and_never_its_format() {
        images().raw("base").write("image", OtherImages.qcow("base"));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.QCOW)) {
            assertThat(Chains.names(chain)).containsExactly("image");
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_UNSPECIFIED image");
            assertThat(chain.problems().getFirst().message()).contains("declare", "CVE-2010-2238");
        }
    }

    @Test
    void qcow_with_a_declared_backing_file_is_complete() {
        images().raw("base").write("image", OtherImages.qcow("base"));
        ImageRequest request = new ImageRequest(
                FileName.of("image"),
                new ImageRequest.Declared(ImageFormat.QCOW),
                Access.READ_WRITE,
                new ImageRequest.DeclaredBacking(
                        ImageDirectory.request("base", new ImageRequest.Declared(ImageFormat.RAW))),
                new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage()));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(request)) {
            assertThat(Chains.nodes(chain)).containsExactly("image image qcow 0 rw", "base backing raw 1 ro");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"16, 1024", "16, -1", "32, 0x08090000", "32, 0x11090000", "32, 0x0c050000", "32, 0x0c0e0000", "36, 2"})
    void a_qcow_field_out_of_range_is_malformed(int field, String value) {
        images().write("image", OtherImages.qcow("base").putInt(field, Integer.decode(value)));
        assertProblem(ImageFormat.QCOW, Problem.Kind.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(longs = {1 << 16, Long.MAX_VALUE, -1})
    void a_qcow_backing_name_past_the_file_is_malformed(long offset) {
        images().write("image", OtherImages.qcow("base").putLong(8, offset));
        assertProblem(ImageFormat.QCOW, Problem.Kind.MALFORMED);
    }

    @Test
    void qed_with_a_raw_backing_file_is_followed() {
        images().raw("base").write("image", OtherImages.qed(QED_BACKING | QED_BACKING_IS_RAW, "base"));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.QED)) {
            assertThat(Chains.nodes(chain)).containsExactly("image image qed 0 rw", "base backing raw 1 ro");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void qed_whose_backing_file_is_not_said_to_be_raw_is_a_guess() {
        images().raw("base").write("image", OtherImages.qed(QED_BACKING, "base"));
        assertProblem(ImageFormat.QED, Problem.Kind.FORMAT_UNSPECIFIED);
    }

    @ParameterizedTest
    @CsvSource({
        "4, 65535",
        "4, 2048",
        "4, 134217728",
        "8, 0",
        "8, 3",
        "8, 32",
        "56, 4093",
        "56, -1",
        "60, 1024",
        "60, -1"
    })
    void a_qed_field_out_of_range_is_malformed(int field, int value) {
        images().write(
                        "image",
                        OtherImages.qed(QED_BACKING | QED_BACKING_IS_RAW, "base")
                                .putInt(field, value));
        assertProblem(ImageFormat.QED, Problem.Kind.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 1L << 32, Long.MIN_VALUE})
    void an_unknown_qed_feature_is_unsupported(long feature) {
        images().write("image", OtherImages.qed(feature, ""));
        assertProblem(ImageFormat.QED, Problem.Kind.UNSUPPORTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {424, 440})
    void a_vdi_that_names_a_parent_by_its_identifier_is_unsupported_and_says_which(int field) {
        images().write("image", OtherImages.vdi(4).putLong(field, 0x0102030405060708L));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.VDI)) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED image");
            assertThat(Chains.unfollowed(chain))
                    .containsExactly("vdi uuid 08070605040302010000000000000000 parent image");
        }
    }

    @Test
    void a_differencing_vdi_without_a_parent_is_a_warning() {
        images().write("image", OtherImages.vdi(4));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.VDI)) {
            assertThat(chain.isComplete()).isTrue();
            assertThat(Chains.warnings(chain)).containsExactly("MALFORMED image");
        }
    }

    @Test
    void a_differencing_vhd_reports_all_names_of_its_parent_and_opens_none() {
        ByteBuffer image = OtherImages.vhd(4, "parent.vhd");
        OtherImages.vhdLocator(image, 0, "W2ru", ".\\parent.vhd");
        OtherImages.vhdLocator(image, 1, "W2ku", "C:\\vm\\parent.vhd");
        OtherImages.vhdLocator(image, 2, "MacX", "file:///vm/parent.vhd");
        images().raw("parent.vhd").write("image", image);
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.VPC)) {
            assertThat(Chains.names(chain)).containsExactly("image");
            assertThat(Chains.unfollowed(chain))
                    .containsExactly(
                            "vpc parent.vhd parent image",
                            "vpc .\\parent.vhd parent image",
                            "vpc C:\\vm\\parent.vhd parent image",
                            "vpc file:///vm/parent.vhd parent image");
            assertThat(chain.problems()).isNotEmpty().allMatch(p -> p.kind() == Problem.Kind.UNSUPPORTED);
        }
    }

    @Test
    void a_differencing_image_whose_parent_has_its_own_name_is_unsupported_as_well() {
        images().write("image", OtherImages.vhd(4, "image"));
        assertProblem(ImageFormat.VPC, Problem.Kind.UNSUPPORTED);
        images().write("image", OtherImages.vhdx(true, "parent_linkage", "{x}", "relative_path", "image"));
        assertProblem(ImageFormat.VHDX, Problem.Kind.UNSUPPORTED);
    }

    @Test
    void a_differencing_vhd_that_does_not_name_its_parent_is_unsupported_as_well() {
        images().write("image", OtherImages.vhd(4, ""));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.VPC)) {
            assertThat(Chains.unfollowed(chain)).containsExactly("vpc an unnamed parent parent image");
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED image");
        }
    }

    @Test
    void a_fixed_vhd_is_raw_unless_declared() {
        byte[] image = Arrays.copyOf(new byte[4096], 4096 + 512);
        System.arraycopy(OtherImages.vhdFooter(2), 0, image, 4096, 512);
        images().write("image", image);
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.VPC)) {
            assertThat(Chains.nodes(chain)).containsExactly("image image vpc 0 rw");
            assertThat(chain.isComplete()).isTrue();
        }
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("image", new ImageRequest.Undeclared()))) {
            assertThat(Chains.nodes(chain)).containsExactly("image image raw 0 rw");
        }
    }

    @Test
    void a_vhd_whose_dynamic_header_is_not_there_is_malformed() {
        images().write("image", OtherImages.vhd(3, "").putLong(16, 1024));
        assertProblem(ImageFormat.VPC, Problem.Kind.MALFORMED);
        images().write("image", OtherImages.vhd(3, "").putLong(16, -1));
        assertProblem(ImageFormat.VPC, Problem.Kind.MALFORMED);
    }

    @Test
    void a_differencing_vhdx_reports_the_paths_of_its_locator() {
        images().write(
                        "image",
                        OtherImages.vhdx(
                                true, "parent_linkage", "{x}", "relative_path", "..\\p.vhdx", "volume_path", "V:\\p"));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.VHDX)) {
            assertThat(Chains.unfollowed(chain))
                    .containsExactly("vhdx ..\\p.vhdx parent image", "vhdx V:\\p parent image");
            assertThat(chain.problems()).isNotEmpty().allMatch(p -> p.kind() == Problem.Kind.UNSUPPORTED);
        }
    }

    @Test
    void a_vhdx_with_a_parent_and_no_locator_is_malformed() {
        images().write("image", OtherImages.vhdx(true));
        assertProblem(ImageFormat.VHDX, Problem.Kind.MALFORMED);
    }

    @Test
    void a_detached_luks_header_is_a_warning() {
        images().write("image", OtherImages.luks(1, 0));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.LUKS)) {
            assertThat(Chains.nodes(chain)).containsExactly("image image luks 0 rw");
            assertThat(Chains.warnings(chain)).containsExactly("UNSUPPORTED image");
        }
        images().write("image", OtherImages.luks(1, 8));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(ImageFormat.LUKS)) {
            assertThat(chain.warnings()).isEmpty();
            assertThat(chain.nodes().getFirst().virtualSize()).hasValue((1 << 16) - 8 * 512);
        }
        images().write("image", OtherImages.luks(2, 8));
        assertProblem(ImageFormat.LUKS, Problem.Kind.UNSUPPORTED);
    }

    @Test
    void other_formats_work_as_backing_files_of_qcow2() {
        images().raw("base").write("mid", OtherImages.qed(QED_BACKING | QED_BACKING_IS_RAW, "base"));
        images().write("image", Qcow2Builder.overlay("mid", "qed"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image qcow2 0 rw", "mid backing qed 1 ro", "base backing raw 2 ro");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    private void assertProblem(ImageFormat format, Problem.Kind kind) {
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(format)) {
            assertThat(Chains.problems(chain)).containsExactly(kind + " image");
        }
    }

    private Chain<DirectoryOpener.OpenedFile> walk(ImageFormat format) {
        return images().walk(ImageDirectory.request("image", new ImageRequest.Declared(format)));
    }
}
