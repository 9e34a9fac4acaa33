package labeler.chain.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import labeler.chain.Chain;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.RequiresCommands;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares images that qemu-img made with qemu-img's report about them and the files that qemu-io opens for them. */
@RequiresCommands({"qemu-img", "qemu-io", "strace", "prlimit"})
class QemuImgOracleTest {
    private static final int CHAIN_INDENTATION = 8;

    @TempDir
    private Path directory;

    private ImageDirectory images;
    private Qemu qemu;

    @BeforeEach
    void start() {
        images = new ImageDirectory(directory);
        qemu = new Qemu(directory);
        assertThat(qemu.run(List.of("qemu-img", "create", "-q", "-f", "raw", "base.raw", "1M"))
                        .succeeded())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compat=0.10",
                "compat=1.1",
                "compat=1.1,lazy_refcounts=on",
                "compat=1.1,compression_type=zstd",
                "compat=1.1,extended_l2=on,cluster_size=128k",
                "cluster_size=512",
                "cluster_size=2M",
                "compat=1.1,refcount_bits=1",
                "compat=1.1,refcount_bits=64",
                "compat=1.1,data_file=data.raw",
                "compat=1.1,data_file=data.raw,cluster_size=4k",
            })
    void every_kind_of_overlay_that_qemu_img_makes_is_followed_as_qemu_does(String options) {
        assertThat(qemu.create("mid.qcow2", "-F", "raw", "-b", "base.raw", "-o", options))
                .satisfies(this::succeeded);
        assertThat(qemu.create("top.qcow2", "-F", "qcow2", "-b", "mid.qcow2", "-o", "compat=1.1"))
                .satisfies(this::succeeded);
        assertSameAsQemu("top.qcow2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data_file=data.raw",
                "data_file=data.raw,data_file_raw=on",
                "preallocation=metadata",
                "preallocation=full",
                "compat=0.10,preallocation=metadata"
            })
    void every_kind_of_plain_image_that_qemu_img_makes_is_followed_as_qemu_does(String options) {
        assertThat(qemu.create("top.qcow2", "-o", options)).satisfies(this::succeeded);
        assertSameAsQemu("top.qcow2");
    }

    @Test
    void images_with_snapshots_and_bitmaps_are_followed_as_qemu_does() {
        assertThat(qemu.create("top.qcow2", "-F", "raw", "-b", "base.raw")).satisfies(this::succeeded);
        assertThat(qemu.run(List.of("qemu-img", "snapshot", "-c", "one", "top.qcow2")))
                .satisfies(this::succeeded);
        assertThat(qemu.run(List.of("qemu-img", "bitmap", "--add", "top.qcow2", "b0")))
                .satisfies(this::succeeded);
        assertSameAsQemu("top.qcow2");
    }

    @Test
    void a_rebased_and_amended_image_is_followed_as_qemu_does() {
        assertThat(qemu.create("mid.qcow2", "-F", "raw", "-b", "base.raw")).satisfies(this::succeeded);
        assertThat(qemu.create("top.qcow2", "-F", "raw", "-b", "base.raw")).satisfies(this::succeeded);
        assertThat(qemu.run(List.of("qemu-img", "rebase", "-u", "-F", "qcow2", "-b", "./mid.qcow2", "top.qcow2")))
                .satisfies(this::succeeded);
        assertSameAsQemu("top.qcow2");
        assertThat(qemu.run(List.of("qemu-img", "rebase", "-u", "-b", "", "top.qcow2")))
                .satisfies(this::succeeded);
        assertSameAsQemu("top.qcow2");
    }

    @Test
    void a_luks_encrypted_overlay_is_parsed_like_any_other() {
        assertThat(qemu.run(List.of(
                        "qemu-img",
                        "create",
                        "-q",
                        "--object",
                        "secret,id=s,data=password",
                        "-f",
                        "qcow2",
                        "-F",
                        "raw",
                        "-b",
                        "base.raw",
                        "-o",
                        "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
                        "top.qcow2")))
                .satisfies(this::succeeded);
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk("top.qcow2")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(Chains.names(chain)).containsExactly("top.qcow2", "base.raw");
        }
    }

    private void succeeded(Qemu.Result result) {
        assertThat(result.status()).as(result.output()).isZero();
    }

    private void assertSameAsQemu(String top) {
        Qemu.Result info = qemu.info("qcow2", top, "--backing-chain");
        assertThat(info).satisfies(this::succeeded);
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images.walk(ImageDirectory.request(top, new ImageRequest.Declared(ImageFormat.QCOW2)))) {
            assertThat(chain.problems()).isEmpty();
            List<Chain.Node<DirectoryOpener.OpenedFile>> layers = chain.nodes().stream()
                    .filter(node -> node.role() != labeler.chain.Role.DATA_FILE)
                    .toList();
            assertThat(layers)
                    .extracting(node -> node.name().toString())
                    .isEqualTo(info.values(CHAIN_INDENTATION, "filename"));
            assertThat(layers)
                    .extracting(node -> node.format().driver())
                    .isEqualTo(info.values(CHAIN_INDENTATION, "format"));
            assertThat(layers)
                    .extracting(node -> Long.toString(node.virtualSize().orElse(-1)))
                    .isEqualTo(info.values(CHAIN_INDENTATION, "virtual-size"));
            Qemu.Opened opened = qemu.openedFor("qcow2", top);
            assertThat(opened.succeeded()).isTrue();
            assertThat(files(chain)).isEqualTo(opened.files());
        }
    }

    private static Set<Path> files(Chain<DirectoryOpener.OpenedFile> chain) {
        Set<Path> files = new TreeSet<>();
        chain.nodes().forEach(node -> files.add(RealPath.of(node.file().path())));
        return files;
    }
}
