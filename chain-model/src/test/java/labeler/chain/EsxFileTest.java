package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;

/** Sparse files of the older ESX, whose header has a parent's name or a geometry in the same place. */
class EsxFileTest extends VmdkImagesTest {
    @Test
    void the_parent_in_its_header_is_shown_and_not_opened() {
        images().write("image", VmdkBuilder.esxFile("/vmfs/volumes/a/base.vmdk"));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.unfollowed(chain)).containsExactly("vmdk /vmfs/volumes/a/base.vmdk parent image");
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED image");
            assertThat(images().opener().asked()).containsExactly(FileName.of("image"));
        }
    }

    @Test
    void of_a_disk_without_a_parent_the_geometry_is_no_name() {
        images().write("image", VmdkBuilder.esxFile(""));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.unfollowed()).isEmpty();
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.nodes().getFirst().virtualSize()).hasValue(VmdkBuilder.CAPACITY * 512);
        }
    }

    @Test
    void a_parent_that_has_no_name_is_none() {
        images().write("image", VmdkBuilder.esxFile("x").put(32, (byte) 0));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.unfollowed()).isEmpty();
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void the_name_has_1024_bytes_of_any_kind() {
        byte[] name = "\u00e4".repeat(1024).getBytes(StandardCharsets.ISO_8859_1);
        images().write("image", VmdkBuilder.esxFile("x").put(32, name).putInt(32 + 1024, -1));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.unfollowed())
                    .extracting(named -> named.reference().bytes())
                    .containsExactly(name);
        }
    }

    @Test
    void of_a_part_the_descriptor_says_what_the_parent_is() {
        images().write("part", VmdkBuilder.esxFile("foreign"))
                .write("parent", VmdkBuilder.sparseFile())
                .write(
                        "image",
                        VmdkBuilder.descriptor("vmfsSparse")
                                .line("RW 2048 VMFSSPARSE \"part\"")
                                .parent("parent")
                                .build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.names(chain)).containsExactlyInAnyOrder("image", "part", "parent");
            assertThat(Chains.unfollowed(chain)).containsExactly("vmdk foreign parent part");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_parent_that_its_text_names_is_followed() {
        images().write("parent", VmdkBuilder.sparseFile())
                .write(
                        "image",
                        VmdkBuilder.esxFile("foreign").put(512, bytes("CID=1\nparentFileNameHint=\"parent\"\n")));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.names(chain)).containsExactly("image", "parent");
            assertThat(Chains.unfollowed(chain)).containsExactly("vmdk foreign parent image");
        }
    }
}
