package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.RequiresCommands;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The other formats, as qemu-img makes them and as the tests do, against what qemu-io opens. */
@RequiresCommands({"qemu-img", "qemu-io", "strace", "prlimit"})
class OtherFormatsOracleTest {
    private static final int INDENTATION = 4;

    @TempDir
    private Path directory;

    private ImageDirectory images;
    private Qemu qemu;

    @BeforeEach
    void start() {
        images = new ImageDirectory(directory);
        qemu = new Qemu(directory);
    }

    @ParameterizedTest
    @CsvSource({
        "qcow, ''",
        "qed, ''",
        "vdi, ''",
        "vdi, static=on",
        "vpc, subformat=dynamic",
        "vpc, subformat=fixed",
        "vhdx, subformat=dynamic",
        "vhdx, subformat=fixed",
        "parallels, ''",
        "vmdk, subformat=monolithicSparse",
        "vmdk, subformat=monolithicFlat",
        "vmdk, subformat=twoGbMaxExtentSparse",
        "vmdk, subformat=twoGbMaxExtentFlat",
        "vmdk, subformat=streamOptimized",
    })
    void what_qemu_img_makes_is_exactly_the_files_that_qemu_opens(String format, String options) {
        create(format, options);
        assertSameAsQemu(format);
    }

    @ParameterizedTest
    @CsvSource({"vmdk, subformat=monolithicSparse", "vmdk, subformat=twoGbMaxExtentSparse"})
    void an_overlay_of_vmdk_is_exactly_the_files_that_qemu_opens(String format, String options) {
        run("qemu-img", "create", "-q", "-f", "vmdk", "base", "1M");
        run("qemu-img", "create", "-q", "-f", format, "-o", options, "-F", "vmdk", "-b", "base", "image");
        assertSameAsQemu(format);
    }

    @Test
    void an_overlay_of_qed_above_raw_is_exactly_the_files_that_qemu_opens() {
        run("qemu-img", "create", "-q", "-f", "raw", "base", "1M");
        run("qemu-img", "create", "-q", "-f", "qed", "-F", "raw", "-b", "base", "image");
        assertSameAsQemu("qed");
    }

    @Test
    void a_luks_container_has_its_size() {
        run(
                "qemu-img",
                "create",
                "-q",
                "--object",
                "secret,id=s,data=password",
                "-f",
                "luks",
                "-o",
                "key-secret=s,iter-time=10",
                "image",
                "1M");
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("luks")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(chain.nodes().getFirst().virtualSize()).hasValue(1 << 20);
        }
    }

    @Test
    void what_the_tests_make_qemu_opens_and_so_do_we() {
        images.raw("base").raw("disk").write("parent", VmdkBuilder.sparseFile());
        images.write("image", OtherImages.qed(5, "base"));
        assertSameAsQemu("qed");
        images.write("image", OtherImages.qcow(""));
        assertSameAsQemu("qcow");
        images.write("image", OtherImages.vdi(1));
        assertSameAsQemu("vdi");
        images.write("image", OtherImages.bochs());
        assertSameAsQemu("bochs");
        images.write("image", OtherImages.cloop());
        assertSameAsQemu("cloop");
        images.write("image", OtherImages.dmgWithBlocks());
        assertSameAsQemu("dmg");
        images.write(
                "image",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                        .parent("parent")
                        .text()));
        assertSameAsQemu("vmdk");
    }

    @Test
    void the_odd_grammar_of_vmdk_descriptors_is_read_as_qemu_reads_it() {
        images.write("parent", VmdkBuilder.sparseFile()).write(" ", VmdkBuilder.sparseFile());
        images.write("disk", new byte[1 << 21]).write("sparse", VmdkBuilder.sparseFile());
        images.write("n".repeat(200), VmdkBuilder.sparseFile());
        List<String> odd = List.of(
                "RW 2048 FLAT \"disk\" 0",
                "RW\n2048\n\nFLAT\n\"disk\"\n0",
                "\n\nRW 2048 FLAT \"disk\" 0",
                "  RW +2048FLAT \"disk\"0",
                "RW 2048 VMFS \"disk\"",
                "RW 2048 SPARSE \"sparse\"",
                "RW 2048 SPARSE \"sparse",
                "RW 2048 SPARSE \"sparse\r",
                "RW 2048 SPARSE \"sparse\" x",
                "RW 2048 SPARSE \"" + "n".repeat(200) + "\"",
                "RDONLY 1 FLAT \"nowhere\" 0\nRW 2048 FLAT \"disk\" 0",
                "RW 0 FLAT \"nowhere\" 0\nRW 2048 FLAT \"disk\" 0",
                "RW 2048 FLAT \"disk\" 0\n# parentFileNameHint=\"parent\"",
                "RW 2048 FLAT \"disk\" 0\nparentFileNameHint = \"parent\"",
                "RW 2048 FLAT \"disk\" 0\nparentFileNameHint=\"parent\"\nparentFileNameHint=\"nowhere\"",
                "RW 2048 FLAT \"disk\" 0\nparentFileNameHint=\"\"");
        for (String lines : odd) {
            images.write(
                    "image",
                    VmdkBuilder.descriptor("monolithicFlat").line(lines).build());
            // The size may differ: qemu adds an extent once more for each blank line before it.
            assertSameFilesAsQemu("vmdk", lines + ": ");
        }
    }

    @Test
    void what_is_said_not_to_be_followed_qemu_does_not_open() {
        images.write("disk", new byte[1 << 21]).raw("other").raw("ctk").raw("sidecar");
        images.write("parent", VmdkBuilder.sparseFile());
        images.write(
                "part",
                VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                        .parent("parent")
                        .line("changeTrackPath=\"ctk\"")
                        .sparse("other")
                        .text()));
        images.write(
                "image",
                VmdkBuilder.descriptor("twoGbMaxExtentSparse")
                        .flat("disk")
                        .sparse("part")
                        .line("RDONLY 2048 FLAT \"other\" 0")
                        .line("changeTrackPath=\"ctk\"")
                        .line("ddb.sidecars=\"sidecar\"")
                        .build());
        assertSameFilesAsQemu("vmdk", "");
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("vmdk")) {
            assertThat(Chains.unfollowed(chain))
                    .containsExactlyInAnyOrder(
                            "vmdk other extent image",
                            "vmdk ctk change-tracking image",
                            "vmdk sidecar sidecar image",
                            "vmdk parent backing part",
                            "vmdk other extent part",
                            "vmdk ctk change-tracking part");
        }
    }

    @Test
    void what_qemu_refuses_of_vmdk_descriptors_is_refused() {
        images.write("disk", new byte[1 << 21]).write("sparse", VmdkBuilder.sparseFile());
        List<String> wrong = List.of(
                "RW 2048 FLAT \"disk\"",
                "RW 2048 FLAT \"disk\" -1",
                "RW 2048 SPARSE \"sparse\" 0",
                "RW 2048 VMFS \"disk\" 0",
                "RW 2048 FLAT \"disk\" 0\nparentFileNameHint=\"x");
        for (String lines : wrong) {
            images.write(
                    "image",
                    VmdkBuilder.descriptor("monolithicFlat").line(lines).build());
            assertThat(qemu.openedFor("vmdk", "image").succeeded()).as(lines).isFalse();
            try (Chain<DirectoryOpener.OpenedFile> chain = walk("vmdk")) {
                assertThat(chain.problems()).as(lines).isNotEmpty();
            }
        }
    }

    private void create(String format, String options) {
        List<String> command = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", format));
        if (!options.isEmpty()) {
            command.addAll(List.of("-o", options));
        }
        command.addAll(List.of("image", "4M"));
        run(command.toArray(String[]::new));
    }

    private void run(String... command) {
        Qemu.Result result = qemu.run(List.of(command));
        assertThat(result.status()).as(result.output()).isZero();
    }

    private void assertSameAsQemu(String format) {
        assertSameFilesAsQemu(format, "");
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(format)) {
            assertThat(chain.nodes().getFirst().virtualSize().stream()
                            .mapToObj(Long::toString)
                            .toList())
                    .isEqualTo(qemu.info(format, "image").values(INDENTATION, "virtual-size"));
        }
    }

    private void assertSameFilesAsQemu(String format, String description) {
        Qemu.Opened opened = qemu.openedFor(format, "image");
        assertThat(opened.succeeded()).as(description + opened.output()).isTrue();
        try (Chain<DirectoryOpener.OpenedFile> chain = walk(format)) {
            assertThat(chain.problems()).isEmpty();
            Set<Path> files = new TreeSet<>();
            chain.nodes().forEach(node -> files.add(RealPath.of(node.file().path())));
            assertThat(files).as(description).isEqualTo(opened.files());
        }
    }

    private Chain<DirectoryOpener.OpenedFile> walk(String format) {
        ImageFormat known = ImageFormat.ofDriver(format).orElseThrow();
        return images.walk(ImageRequest.followingHeaders(
                FileName.of("image"),
                new ImageRequest.Declared(known),
                Access.READ_ONLY,
                new ImageRequest.BesideImage()));
    }
}
