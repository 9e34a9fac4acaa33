package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackingNameTest extends ImagesTest {
    @ParameterizedTest
    @ValueSource(strings = {"./base", ".//base", "../vm/base", "base", "sub/../base"})
    void a_relative_name_is_the_kernels_to_resolve(String name) throws IOException {
        Files.createDirectories(images().path("vm/sub"));
        images().raw("vm/base").write("vm/top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("vm/top")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(chain.nodes().get(1).file().path())
                    .isEqualTo(images().path(Chains.names(chain).get(1)));
            assertThat(chain.nodes().get(1).file().path()).exists().hasFileName("base");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:base", "file:vm/base", "file:./base", "file:a:b", "file:file:/base"})
    void a_relative_name_behind_file_is_refused_since_it_is_relative_to_the_process_and_not_to_the_image(String name) {
        images().raw("base").raw("vm/base").raw("a:b").write("vm/top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("vm/top")) {
            assertThat(Chains.external(chain)).containsExactly("file " + name + " backing vm/top");
            assertThat(chain.external().getFirst().followed()).isTrue();
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED vm/top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("vm/top"));
        }
    }

    @Test
    void a_full_name_behind_file_is_that_file() {
        String base = images().raw("vm/base").path("vm/base").toString();
        images().write("vm/top", Qcow2Builder.overlay("file:" + base, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("vm/top")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(Chains.names(chain)).containsExactly("vm/top", base);
        }
    }

    @Test
    void a_directory_link_and_dot_dot_lead_where_the_kernel_says() throws IOException {
        // Text would make link/../base a file beside the overlay; the kernel looks beside the link's target.
        images().raw("base").raw("elsewhere/base");
        Files.createDirectories(images().path("elsewhere/dir"));
        Files.createSymbolicLink(images().path("link"), Path.of("elsewhere/dir"));
        images().write("top", Qcow2Builder.overlay("link/../base", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.nodes().get(1).file().path().toRealPath())
                    .isEqualTo(images().path("elsewhere/base").toRealPath());
        }
    }

    @Test
    void an_overlay_reached_through_a_link_resolves_beside_the_link() throws IOException {
        images().raw("base").raw("real/base").write("real/top", Qcow2Builder.overlay("base", "raw"));
        Files.createSymbolicLink(images().path("link"), Path.of("real/top"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("link")) {
            assertThat(Chains.names(chain)).containsExactly("link", "base");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nbd:host:10809, nbd",
        "nbd://host/e, nbd",
        "http://h/x, http",
        "https://h/x, https",
        "ftp://h/x, ftp",
        "rbd:p/i, rbd",
        "iscsi://h/t/0, iscsi",
        "ssh://h/x, ssh",
        "nfs://h/x, nfs",
        "gluster://h/v/x, gluster",
        "rbd:p/i:id=admin:mon_host=h, rbd",
        "null-co://, null-co"
    })
    void a_protocol_is_external_and_nothing_is_opened_for_it(String name, String protocol) {
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain)).containsExactly(protocol + " " + name + " backing top");
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.warnings()).isEmpty();
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fat:/etc, fat",
        "fat:rw:dir, fat",
        "host_device:/dev/sda, host_device",
        "blkdebug::/etc/passwd, blkdebug",
        "nvme://0000:01:00.0/1, nvme",
        "nbd:unix:/run/s, nbd",
        "nbd+unix:///e?socket=/run/s, nbd+unix",
        "gluster+unix:///v/i?socket=/run/s, gluster+unix",
        "rbd:p/i:keyring=/etc/shadow, rbd",
        "rbd:p/i:log_file=/l, rbd",
        "json:{}, json"
    })
    void what_reaches_files_by_another_way_is_external_and_a_problem(String name, String protocol) {
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain)).containsExactly(protocol + " " + name + " backing top");
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void an_image_behind_a_protocol_is_external_with_a_warning() {
        images().write("top", Qcow2Builder.overlay("nbd://host/e", "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain)).hasSize(1);
            assertThat(Chains.warnings(chain)).containsExactly("UNSUPPORTED top");
        }
    }

    @Test
    void a_protocol_without_a_format_is_a_guess_as_well() {
        images().write("top", Qcow2Builder.v3().backing("nbd://host/e"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain)).containsExactly("nbd nbd://host/e backing top");
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_UNSPECIFIED top");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FILE:x", "JSON:{}", " json:{}", ":x", "we:ird", "C:\\x"})
    void an_unknown_protocol_is_external_and_a_problem(String name) {
        images().raw(name).write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.external()).hasSize(1);
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void a_file_prefix_without_a_name_is_malformed() {
        images().write("top", Qcow2Builder.overlay("file:", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("MALFORMED top");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/zero", "/dev/null", "/proc/self/fd", "/", ".", "fifo"})
    void what_is_not_a_file_is_not_opened_and_does_not_hang(String name) {
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        if (name.equals("fifo")) {
            makeFifo();
        }
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
                assertThat(Chains.problems(chain)).containsExactly("NOT_A_FILE " + name);
            }
        });
    }

    @Test
    void a_component_may_have_255_bytes_and_no_more() {
        images().raw("n".repeat(255)).write("top", Qcow2Builder.overlay("n".repeat(255), "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.isComplete()).isTrue();
        }
        images().write("top", Qcow2Builder.overlay("n".repeat(256), "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("MISSING " + "n".repeat(256));
        }
    }

    @Test
    void a_name_that_is_not_utf8_is_opened_as_it_is() throws IOException {
        FileName name = FileName.of(new byte[] {'b', (byte) 0xff, (byte) 0xc3});
        Files.write(DirectoryOpener.pathOf(FileName.of(directory + "/").concat(name)), new byte[512]);
        images().write("top", Qcow2Builder.v3().backing(name.bytes()).backingFormat("raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.nodes().get(1).name()).isEqualTo(name);
        }
    }

    @Test
    void a_link_that_leads_to_itself_is_missing() throws IOException {
        Files.createSymbolicLink(images().path("loop"), Path.of("loop"));
        images().write("top", Qcow2Builder.overlay("loop", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("MISSING loop");
        }
    }

    @Test
    void no_backing_is_none_whatever_the_header_says() {
        images().write("top", Qcow2Builder.v3().backing("/etc/passwd"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(request(new ImageRequest.NoBacking()))) {
            assertThat(Chains.names(chain)).containsExactly("top");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_declared_backing_stands_for_the_one_in_the_header_and_is_read_only() {
        images().write("declared", Qcow2Builder.overlay("base", "raw")).raw("base");
        images().write("top", Qcow2Builder.v3().backing("/etc/passwd"));
        ImageRequest backing = ImageDirectory.request("declared", new ImageRequest.Declared(ImageFormat.QCOW2));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(request(new ImageRequest.DeclaredBacking(backing)))) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("top image qcow2 0 rw", "declared backing qcow2 1 ro", "base backing raw 2 ro");
            assertThat(chain.nodes().get(1).formatSource()).isEqualTo(Chain.FormatSource.DECLARED);
        }
    }

    @Test
    void a_declared_backing_is_listed_below_a_malformed_image() {
        images().raw("declared").write("top", Qcow2Builder.v3().patch32(20, 0));
        ImageRequest backing = ImageDirectory.request("declared", new ImageRequest.Declared(ImageFormat.RAW));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(request(new ImageRequest.DeclaredBacking(backing)))) {
            assertThat(Chains.names(chain)).containsExactly("top", "declared");
            assertThat(Chains.problems(chain)).containsExactly("MALFORMED top");
        }
    }

    @Test
    void a_declared_external_backing_is_listed() {
        images().write("top", Qcow2Builder.v3().backing("/etc/passwd"));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(request(new ImageRequest.ExternalBacking("nbd://h/e", "nbd")))) {
            assertThat(Chains.external(chain)).isEqualTo(List.of("nbd nbd://h/e backing top"));
            assertThat(Chains.names(chain)).containsExactly("top");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_declared_external_backing_that_reaches_local_files_is_refused() {
        images().write("top", Qcow2Builder.v3());
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(request(new ImageRequest.ExternalBacking("fat:/etc", "fat")))) {
            assertThat(Chains.external(chain)).isEqualTo(List.of("fat fat:/etc backing top"));
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(chain.isComplete()).isFalse();
        }
    }

    private static ImageRequest request(ImageRequest.BackingChoice backing) {
        return new ImageRequest(
                FileName.of("top"),
                new ImageRequest.Declared(ImageFormat.QCOW2),
                Access.READ_WRITE,
                backing,
                new ImageRequest.HeaderDataFile(new ImageRequest.ProcessDirectory(FileName.of(""))));
    }

    private void makeFifo() {
        try {
            Process process = new ProcessBuilder("mkfifo", images().path("fifo").toString()).start();
            assertThat(process.waitFor()).isZero();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("mkfifo of coreutils is needed", e);
        }
    }
}
