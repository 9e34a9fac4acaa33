package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import labeler.chain.format.ReadersByFormat;
import labeler.chain.format.raw.RawReader;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;

class FormatChoiceTest extends ImagesTest {
    @Test
    void declared_raw_is_one_file_whatever_it_holds_and_nothing_of_it_is_read() {
        images().write("top", Qcow2Builder.overlay("/etc/passwd", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Declared(ImageFormat.RAW)))) {
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.warnings()).isEmpty();
            assertThat(Chains.nodes(chain)).containsExactly("top image raw 0 rw");
            assertThat(images().opener().bytesRead()).isZero();
        }
    }

    @Test
    void undeclared_content_that_can_be_nothing_but_raw_is_raw() {
        images().raw("zeros").write("empty", new byte[0]).write("text", "a text".getBytes(StandardCharsets.US_ASCII));
        for (String name : List.of("zeros", "empty", "text")) {
            try (Chain<DirectoryOpener.OpenedFile> chain =
                    images().walk(ImageDirectory.request(name, new ImageRequest.Undeclared()))) {
                assertThat(Chains.nodes(chain)).containsExactly(name + " image raw 0 rw");
                assertThat(chain.nodes().getFirst().formatSource()).isEqualTo(Chain.FormatSource.IMPLIED);
            }
        }
    }

    @Test
    void undeclared_content_that_could_be_an_image_is_refused() {
        images().write("top", Qcow2Builder.v3());
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Undeclared()))) {
            assertThat(chain.nodes()).isEmpty();
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_UNSPECIFIED top");
            assertThat(chain.problems().getFirst().message()).contains("qcow2", "CVE-2008-2004", "declare");
        }
    }

    @Test
    void a_name_that_ends_in_dmg_is_not_raw_to_qemu() {
        images().raw("disk.dmg").raw(".dmg");
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("disk.dmg", new ImageRequest.Undeclared()))) {
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_UNSPECIFIED disk.dmg");
        }
    }

    @Test
    void detected_qcow2_is_followed_and_says_that_it_was_detected() {
        images().raw("base").write("top", Qcow2Builder.overlay("base", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            assertThat(Chains.names(chain)).containsExactly("top", "base");
            assertThat(chain.nodes().getFirst().formatSource()).isEqualTo(Chain.FormatSource.DETECTED);
        }
    }

    @Test
    void detected_raw_says_that_it_was_detected() {
        images().raw("top");
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            assertThat(Chains.nodes(chain)).containsExactly("top image raw 0 rw");
            assertThat(chain.nodes().getFirst().formatSource()).isEqualTo(Chain.FormatSource.DETECTED);
        }
    }

    @Test
    void content_that_is_two_formats_at_once_is_ambiguous() {
        images().write("top", Qcow2Builder.v3().patch(image -> image.putInt(64, 0x7f10dabe)));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            assertThat(chain.nodes()).isEmpty();
            assertThat(Chains.problems(chain)).containsExactly("AMBIGUOUS top");
            assertThat(chain.problems().getFirst().message()).contains("qcow2", "vdi");
        }
    }

    @Test
    void detected_content_without_a_reader_is_unsupported() {
        images().write("top", Qcow2Builder.v3());
        ChainWalker<DirectoryOpener.OpenedFile> walker = new ChainWalker<>(
                images().opener(), ChainLimits.DEFAULT, new ReadersByFormat(List.of(new RawReader())));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                walker.walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(chain.nodes()).isEmpty();
        }
    }

    @Test
    void a_disc_is_raw_to_qemu_and_known_to_be_a_disc() {
        images().write("top", OtherImages.iso9660());
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            assertThat(Chains.nodes(chain)).containsExactly("top image raw 0 rw");
            assertThat(chain.nodes().getFirst().content()).contains(Chain.Content.ISO_9660);
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.warnings()).isEmpty();
        }
    }

    @Test
    void a_disc_is_looked_for_only_where_the_format_is_detected() {
        images().write("top", OtherImages.iso9660());
        for (ImageRequest.FormatChoice choice :
                List.of(new ImageRequest.Undeclared(), new ImageRequest.Declared(ImageFormat.RAW))) {
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(ImageDirectory.request("top", choice))) {
                assertThat(chain.nodes().getFirst().content()).isEmpty();
                assertThat(chain.isComplete()).isTrue();
            }
        }
    }

    @Test
    void a_disc_with_a_table_of_partitions_is_a_disc() {
        images().write("top", OtherImages.iso9660().putShort(510, (short) 0x55aa));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            assertThat(chain.nodes().getFirst().content()).contains(Chain.Content.ISO_9660);
        }
    }

    @Test
    void a_disc_that_begins_as_an_image_is_ambiguous() {
        images().write("top", OtherImages.iso9660().putInt(0, 0x514649fb).putInt(4, 3));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Detect()))) {
            assertThat(chain.nodes()).isEmpty();
            assertThat(Chains.problems(chain)).containsExactly("AMBIGUOUS top");
            assertThat(chain.problems().getFirst().message()).contains("qcow2 and iso9660");
        }
    }

    @Test
    void an_identifier_that_is_cut_off_or_another_is_none_of_a_disc() {
        images().write("cut", Arrays.copyOf(OtherImages.bytes(OtherImages.iso9660()), 16 * 2048 + 5))
                .write("other", OtherImages.iso9660().put(16 * 2048 + 5, (byte) '2'));
        for (String name : List.of("cut", "other")) {
            try (Chain<DirectoryOpener.OpenedFile> chain =
                    images().walk(ImageDirectory.request(name, new ImageRequest.Detect()))) {
                assertThat(chain.nodes().getFirst().content()).as(name).isEmpty();
            }
        }
    }

    @Test
    void a_format_without_a_reader_is_unsupported_but_its_file_is_listed() {
        images().write("top", Qcow2Builder.v3());
        ChainWalker<DirectoryOpener.OpenedFile> walker = new ChainWalker<>(
                images().opener(), ChainLimits.DEFAULT, new ReadersByFormat(List.of(new RawReader())));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                walker.walk(ImageDirectory.request("top", new ImageRequest.Declared(ImageFormat.QCOW2)))) {
            assertThat(Chains.names(chain)).containsExactly("top");
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
        }
    }

    @Test
    void declared_qcow2_that_is_not_is_a_mismatch() {
        images().raw("top");
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_MISMATCH top");
        }
    }

    @Test
    void version_0_of_qcow2_is_raw_to_everybody() {
        images().write("top", ByteBuffer.allocate(512).putInt(0x514649fb).array());
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("top", new ImageRequest.Undeclared()))) {
            assertThat(Chains.nodes(chain)).containsExactly("top image raw 0 rw");
        }
    }
}
