package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that a header names and qemu does not open: they are shown, and nothing here opens them either. */
class UnfollowedTest extends ImagesTest {
    private Chain<DirectoryOpener.OpenedFile> walk(String name) {
        return images().walk(ImageDirectory.request(name, new ImageRequest.Declared(ImageFormat.VMDK)));
    }

    private void write(String... lines) {
        VmdkBuilder image = VmdkBuilder.descriptor("vmfs").line("RW 2048 VMFS \"disk-flat.vmdk\"");
        List.of(lines).forEach(image::line);
        images().raw("disk-flat.vmdk").write("disk.vmdk", image.build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "changeTrackPath=\"disk-ctk.vmdk\" | disk-ctk.vmdk change-tracking",
                "changeTrackPath = \"/vmfs/volumes/a/disk-ctk.vmdk\" | /vmfs/volumes/a/disk-ctk.vmdk change-tracking",
                "  CHANGETRACKPATH=\"a b\" | a b change-tracking",
                "ddb.sidecars = \"disk-1.vmfd\" | disk-1.vmfd sidecar",
                "RDONLY 2048 FLAT \"other\" 0 | other extent",
                "NOACCESS 2048 FLAT \"other\" 0 | other extent",
                "RW 2048 VMFSRDM \"disk-rdm.vmdk\" | disk-rdm.vmdk extent",
                "RW 0 FLAT \"other\" 0 | other extent",
            })
    void it_is_listed_and_not_opened_and_no_problem(String line, String listed) {
        write(line);
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("disk.vmdk")) {
            assertThat(Chains.unfollowed(chain)).containsExactly("vmdk " + listed + " disk.vmdk");
            assertThat(Chains.names(chain)).containsExactly("disk.vmdk", "disk-flat.vmdk");
            assertThat(images().opener().asked())
                    .containsExactly(FileName.of("disk.vmdk"), FileName.of("disk-flat.vmdk"));
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "# changeTrackPath=\"x\"",
                "changeTrackPath=\"x",
                "changeTrackPath=\"\"",
                "changeTrackPath x",
                "xchangeTrackPath=\"x\"",
                "RDONLY 2048 ZERO",
                "ddb.sidecars = \" , ;\"",
                "# RW 2048 FLAT \"x\" 0",
            })
    void what_names_nothing_is_not_listed(String line) {
        write(line);
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("disk.vmdk")) {
            assertThat(Chains.unfollowed(chain)).isEmpty();
        }
    }

    @Test
    void sidecars_are_several_in_one_line() {
        write("ddb.sidecars = \"a.vmfd, b.vmfd;c.vmfd,\"");
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("disk.vmdk")) {
            assertThat(Chains.unfollowed(chain))
                    .containsExactly(
                            "vmdk a.vmfd sidecar disk.vmdk",
                            "vmdk b.vmfd sidecar disk.vmdk",
                            "vmdk c.vmfd sidecar disk.vmdk");
        }
    }

    @Test
    void a_sparse_file_describes_itself_and_may_describe_another() {
        VmdkBuilder inside = VmdkBuilder.descriptor("monolithicSparse").line("changeTrackPath=\"disk-ctk.vmdk\"");
        images().write(
                        "vm/disk.vmdk",
                        VmdkBuilder.sparseFile(inside.sparse("disk.vmdk").text()))
                .write("vm/renamed.vmdk", VmdkBuilder.sparseFile(inside.text()));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/disk.vmdk")) {
            assertThat(Chains.unfollowed(chain)).containsExactly("vmdk disk-ctk.vmdk change-tracking vm/disk.vmdk");
        }
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("vm/renamed.vmdk")) {
            assertThat(Chains.unfollowed(chain))
                    .containsExactly(
                            "vmdk disk-ctk.vmdk change-tracking vm/renamed.vmdk",
                            "vmdk disk.vmdk extent vm/renamed.vmdk");
            assertThat(Chains.names(chain)).containsExactly("vm/renamed.vmdk");
        }
    }

    @Test
    void the_parent_of_a_part_is_none_to_qemu() {
        images().write(
                        "part",
                        VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                                .parent("parent")
                                .text()))
                .write(
                        "disk.vmdk",
                        VmdkBuilder.descriptor("twoGbMaxExtentSparse")
                                .sparse("part")
                                .build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("disk.vmdk")) {
            assertThat(Chains.unfollowed(chain)).containsExactly("vmdk parent backing part");
            assertThat(Chains.names(chain)).containsExactly("disk.vmdk", "part");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_data_file_without_its_bit_is_one() {
        images().write(
                        "top",
                        Qcow2Builder.v3().extension(Qcow2Builder.DATA_FILE, "data".getBytes(StandardCharsets.UTF_8)));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.unfollowed(chain)).containsExactly("qcow2 data data-file top");
        }
    }

    @Test
    void so_is_the_backing_file_of_an_image_that_is_declared_to_have_none() {
        images().write("top", Qcow2Builder.overlay("base", "raw"));
        ImageRequest followed = ImageDirectory.request("top", new ImageRequest.Declared(ImageFormat.QCOW2));
        ImageRequest alone = new ImageRequest(
                followed.name(),
                followed.format(),
                followed.access(),
                new ImageRequest.NoBacking(),
                followed.dataFile());
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(alone)) {
            assertThat(Chains.unfollowed(chain)).containsExactly("qcow2 base backing top");
            assertThat(Chains.names(chain)).containsExactly("top");
        }
    }

    @Test
    void of_very_many_some_are_listed() {
        write(IntStream.range(0, 1000)
                .mapToObj(i -> "RDONLY 1 FLAT \"" + i + "\" 0")
                .collect(Collectors.joining("\n")));
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("disk.vmdk")) {
            assertThat(chain.unfollowed()).hasSize(512);
            assertThat(chain.isComplete()).isTrue();
        }
    }
}
