package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.DiskDescriptorBuilder;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Formats that qemu does not have: the named files are shown, none is opened, and the image is refused. */
class ForeignFormatsTest extends ImagesTest {
    private static final String TOP = "{5fbaabe3-6958-40ff-92a7-860e329aab41}";
    private static final String BASE = "{11111111-2222-3333-4444-555555555555}";
    private static final String NONE = "{00000000-0000-0000-0000-000000000000}";

    private Chain<DirectoryOpener.OpenedFile> detect(byte[] content) {
        images().write("image", content);
        return images().walk(ImageDirectory.request("image", new ImageRequest.Detect()));
    }

    private Chain<DirectoryOpener.OpenedFile> detect(DiskDescriptorBuilder descriptor) {
        return detect(descriptor.build());
    }

    private void assertRefused(Chain<DirectoryOpener.OpenedFile> chain, String format) {
        assertThat(Chains.nodes(chain)).containsExactly("image image " + format + " 0 rw");
        assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED image");
        assertThat(images().opener().asked()).containsOnly(FileName.of("image"));
    }

    private void assertProblem(byte[] content, Problem.Kind kind, String reason) {
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(content)) {
            assertThat(Chains.problems(chain)).containsExactly(kind + " image");
            assertThat(chain.problems().getFirst().message()).contains(reason);
            assertThat(chain.unfollowed()).isEmpty();
        }
    }

    @Test
    void cow_names_its_backing_file() {
        images().raw("base");
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(OtherImages.bytes(OtherImages.cow(2, "base")))) {
            assertRefused(chain, "cow");
            assertThat(Chains.unfollowed(chain)).containsExactly("cow base backing image");
            assertThat(chain.problems().getFirst().message()).contains("cow", "convert");
        }
    }

    @Test
    void cow_without_a_name_names_nothing() {
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(OtherImages.bytes(OtherImages.cow(2, "")))) {
            assertRefused(chain, "cow");
            assertThat(chain.unfollowed()).isEmpty();
        }
    }

    @Test
    void a_name_of_cow_has_1024_bytes() {
        ByteBuffer image = OtherImages.cow(2, "n".repeat(1024)).put(8 + 1024, (byte) 'x');
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(OtherImages.bytes(image))) {
            assertThat(chain.unfollowed())
                    .extracting(named -> named.reference().length())
                    .containsExactly(1024);
        }
    }

    @Test
    void another_version_of_cow_is_unsupported_and_a_short_one_malformed() {
        assertProblem(OtherImages.bytes(OtherImages.cow(1, "base")), Problem.Kind.UNSUPPORTED, "version");
        assertProblem(OtherImages.bytes(OtherImages.cow(3, "base")), Problem.Kind.UNSUPPORTED, "version");
        byte[] whole = OtherImages.bytes(OtherImages.cow(2, "base"));
        assertProblem(Arrays.copyOf(whole, 1031), Problem.Kind.MALFORMED, "1031 bytes");
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(Arrays.copyOf(whole, 1032))) {
            assertRefused(chain, "cow");
        }
    }

    @Test
    void a_descriptor_of_parallels_names_its_image() {
        images().write("root.hds", OtherImages.parallels("WithouFreSpacExt"));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                detect(new DiskDescriptorBuilder().image(TOP, "root.hds").shot(TOP, NONE))) {
            assertRefused(chain, "parallels-disk");
            assertThat(Chains.unfollowed(chain)).containsExactly("parallels-disk root.hds extent image");
        }
    }

    @Test
    void an_image_below_a_snapshot_is_a_parent() {
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(new DiskDescriptorBuilder()
                .image(BASE, "root.hds")
                .image(TOP, "root.hds." + TOP + ".hds")
                .shot(BASE, NONE)
                .shot(TOP, BASE))) {
            assertRefused(chain, "parallels-disk");
            assertThat(Chains.unfollowed(chain))
                    .containsExactly(
                            "parallels-disk root.hds parent image",
                            "parallels-disk root.hds." + TOP + ".hds extent image");
        }
    }

    @Test
    void a_parent_without_an_image_is_known_by_its_identifier() {
        try (Chain<DirectoryOpener.OpenedFile> chain =
                detect(new DiskDescriptorBuilder().image(TOP, "a.hds").shot(TOP, BASE))) {
            assertThat(Chains.unfollowed(chain))
                    .containsExactly(
                            "parallels-disk a.hds extent image", "parallels-disk guid " + BASE + " parent image");
        }
    }

    @Test
    void a_disk_in_parts_has_an_image_for_each() {
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(new DiskDescriptorBuilder()
                .image(TOP, "a.hds")
                .image(TOP, " b.hds\n")
                .image(TOP, ""))) {
            assertThat(Chains.unfollowed(chain))
                    .containsExactly("parallels-disk a.hds extent image", "parallels-disk b.hds extent image");
        }
    }

    @Test
    void an_image_of_a_descriptor_may_be_any_file_and_is_shown() {
        try (Chain<DirectoryOpener.OpenedFile> chain =
                detect(new DiskDescriptorBuilder().image(TOP, "/etc/passwd").image(BASE, "../../&lt;x&gt;&#10;y"))) {
            assertRefused(chain, "parallels-disk");
            assertThat(chain.unfollowed())
                    .extracting(named -> named.reference().toString())
                    .containsExactly("/etc/passwd", "../../<x>\\x0ay");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">",
                "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
                "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>",
            })
    void a_descriptor_with_a_document_type_is_malformed(String prolog) {
        byte[] content =
                new DiskDescriptorBuilder().prolog(prolog).image(TOP, "&x;").build();
        images().write("image", content);
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("image", new ImageRequest.Declared(ImageFormat.PARALLELS_DISK)))) {
            assertThat(Chains.problems(chain)).containsExactly("MALFORMED image");
            assertThat(chain.problems().getFirst().message()).contains("document type");
            assertThat(images().opener().asked()).containsExactly(FileName.of("image"));
        }
    }

    @Test
    void an_entity_that_nobody_declares_is_malformed() {
        assertProblem(new DiskDescriptorBuilder().image(TOP, "&x;").build(), Problem.Kind.MALFORMED, "entity");
    }

    @Test
    void what_is_no_xml_to_its_end_is_malformed() {
        byte[] whole = new DiskDescriptorBuilder().image(TOP, "a.hds").build();
        assertProblem(Arrays.copyOf(whole, whole.length - 5), Problem.Kind.MALFORMED, "well-formed");
        byte[] latin = new DiskDescriptorBuilder().image(TOP, "\u00e4").text().getBytes(StandardCharsets.ISO_8859_1);
        assertProblem(latin, Problem.Kind.MALFORMED, "UTF-8");
    }

    @Test
    void a_descriptor_is_bounded() {
        assertProblem(
                new DiskDescriptorBuilder().image(TOP, "n".repeat(4097)).build(),
                Problem.Kind.MALFORMED,
                "4097 characters");
        assertProblem(
                new DiskDescriptorBuilder().image(TOP, " ".repeat(128 << 10)).build(),
                Problem.Kind.TOO_MANY,
                "131072 bytes");
        assertProblem(
                new DiskDescriptorBuilder()
                        .image(TOP, "<a>".repeat(20) + "</a>".repeat(20))
                        .build(),
                Problem.Kind.MALFORMED,
                "deeper than 16");
        DiskDescriptorBuilder images = new DiskDescriptorBuilder();
        DiskDescriptorBuilder parents = new DiskDescriptorBuilder();
        for (int i = 0; i < 513; i++) {
            images.image(TOP, "a" + i);
            parents.shot(TOP, "{" + i + "}");
        }
        assertProblem(images.build(), Problem.Kind.TOO_MANY, "512 images");
        assertProblem(parents.build(), Problem.Kind.TOO_MANY, "512 images");
    }

    @Test
    void a_descriptor_at_its_limits_is_taken() {
        DiskDescriptorBuilder descriptor = new DiskDescriptorBuilder().image(TOP, "n".repeat(4096));
        for (int i = 0; i < 511; i++) {
            descriptor.image(TOP, "a" + i).shot(TOP, "{" + i + "}");
        }
        descriptor.shot(TOP, "{511}");
        try (Chain<DirectoryOpener.OpenedFile> chain = detect(descriptor)) {
            assertRefused(chain, "parallels-disk");
            assertThat(chain.unfollowed()).hasSize(512 + 512);
        }
    }

    @Test
    void a_descriptor_is_known_with_a_byte_order_mark_and_without_a_declaration() {
        for (String prolog : List.of("\ufeff<?xml version=\"1.0\"?>\n", "", "\n  ")) {
            try (Chain<DirectoryOpener.OpenedFile> chain =
                    detect(new DiskDescriptorBuilder().prolog(prolog).image(TOP, "a.hds"))) {
                assertThat(Chains.nodes(chain)).containsExactly("image image parallels-disk 0 rw");
                assertThat(Chains.unfollowed(chain)).hasSize(1);
            }
        }
    }

    @Test
    void other_xml_is_raw() {
        for (String text :
                List.of("<?xml version='1.0'?><a/>", "<Parallels_disk_images/>", "<!-- <Parallels_disk_image> -->")) {
            try (Chain<DirectoryOpener.OpenedFile> chain = detect(text.getBytes(StandardCharsets.UTF_8))) {
                assertThat(Chains.nodes(chain)).as(text).containsExactly("image image raw 0 rw");
            }
        }
    }

    @Test
    void another_root_is_no_descriptor() {
        images().write("image", "<a><Parallels_disk_image/></a>".getBytes(StandardCharsets.UTF_8));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("image", new ImageRequest.Declared(ImageFormat.PARALLELS_DISK)))) {
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_MISMATCH image");
        }
    }

    @Test
    void a_foreign_format_is_none_that_a_header_or_a_definition_can_name() {
        assertThat(ImageFormat.ofDriver("cow")).isEmpty();
        assertThat(ImageFormat.ofDriver("parallels-disk")).isEmpty();
        assertThat(ImageFormat.ofName("cow")).contains(ImageFormat.COW);
    }
}
