package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;

class DataFileTest extends ImagesTest {
    @Test
    void a_data_file_is_raw_and_as_writable_as_its_image() {
        images().raw("data")
                .write("top", Qcow2Builder.v3().dataFile(images().path("data").toString()));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("top image qcow2 0 rw", images().path("data") + " data-file raw 1 rw");
            assertThat(chain.nodes().get(1).formatSource()).isEqualTo(Chain.FormatSource.IMPLIED);
            assertThat(chain.warnings()).isEmpty();
        }
    }

    @Test
    void the_data_file_of_a_backing_file_is_read_only() {
        images().raw("data").write("base", Qcow2Builder.v3().dataFile("data"));
        images().write("top", Qcow2Builder.overlay("base", "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("top image qcow2 0 rw", "base backing qcow2 1 ro", "data data-file raw 2 ro");
        }
    }

    @Test
    void a_relative_data_file_is_relative_to_the_process_and_that_is_a_warning() {
        images().raw("run/data")
                .raw("vm/data")
                .write("vm/top", Qcow2Builder.v3().dataFile("data"));
        ImageRequest request = ImageRequest.followingHeaders(
                FileName.of("vm/top"),
                new ImageRequest.Declared(ImageFormat.QCOW2),
                Access.READ_WRITE,
                new ImageRequest.ProcessDirectory(FileName.of("run/")));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(request)) {
            assertThat(Chains.names(chain)).containsExactly("vm/top", "run/data");
            assertThat(Chains.warnings(chain)).containsExactly("AMBIGUOUS vm/top");
        }
    }

    @Test
    void a_relative_data_file_beside_the_image_is_no_warning() {
        images().raw("data").raw("vm/data").write("vm/top", Qcow2Builder.v3().dataFile("data"));
        ImageRequest request = ImageRequest.followingHeaders(
                FileName.of("vm/top"),
                new ImageRequest.Declared(ImageFormat.QCOW2),
                Access.READ_WRITE,
                new ImageRequest.BesideImage());
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(request)) {
            assertThat(Chains.names(chain)).containsExactly("vm/top", "vm/data");
            assertThat(chain.warnings()).isEmpty();
        }
    }

    @Test
    void a_missing_data_file_is_missing() {
        images().write("top", Qcow2Builder.v3().dataFile("/nowhere/data"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("MISSING /nowhere/data");
            assertThat(Chains.names(chain)).containsExactly("top");
        }
    }

    @Test
    void a_feature_bit_without_a_name_is_malformed() {
        for (Qcow2Builder image :
                List.of(Qcow2Builder.v3().incompatible(4), Qcow2Builder.v3().dataFile(""))) {
            images().write("top", image);
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
                assertThat(Chains.problems(chain)).containsExactly("MALFORMED top");
            }
        }
    }

    @Test
    void a_data_file_name_is_a_path_whatever_it_looks_like() {
        for (String name : List.of("json:{}", "nbd:host:1", "file:data", "fat:.")) {
            images().raw(name).write("top", Qcow2Builder.v3().dataFile(name));
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
                assertThat(Chains.names(chain)).containsExactly("top", name);
                assertThat(chain.isComplete()).isTrue();
            }
        }
    }

    @Test
    void a_device_or_a_directory_is_no_data_file() {
        for (String name : List.of("/dev/zero", "/", "/proc/self/fd")) {
            images().write("top", Qcow2Builder.v3().dataFile(name));
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
                assertThat(Chains.problems(chain)).containsExactly("NOT_A_FILE " + name);
            }
        }
    }

    @Test
    void an_image_that_is_its_own_data_file_is_a_loop() throws IOException {
        images().write("top", Qcow2Builder.v3().dataFile("link"));
        Files.createSymbolicLink(images().path("link"), Path.of("top"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP top");
        }
    }

    @Test
    void a_data_file_with_an_image_in_it_is_not_descended_into() {
        images().write("data", Qcow2Builder.overlay("/etc/passwd", "raw"));
        images().write("top", Qcow2Builder.v3().dataFile("data"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain)).containsExactly("top", "data");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_data_file_extension_without_the_bit_opens_nothing() {
        images().raw("data").write("top", Qcow2Builder.v3().extension(Qcow2Builder.DATA_FILE, new byte[] {
            'd', 'a', 't', 'a'
        }));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain)).containsExactly("top");
            assertThat(Chains.warnings(chain)).containsExactly("FORMAT_MISMATCH top");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_raw_data_file_above_a_backing_file_is_a_warning_with_both_listed() {
        images().raw("data").raw("base");
        images().write(
                        "top",
                        Qcow2Builder.overlay("base", "raw")
                                .dataFile(images().path("data").toString())
                                .autoclear(2));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain))
                    .containsExactly("top", images().path("data").toString(), "base");
            assertThat(Chains.warnings(chain)).containsExactly("FORMAT_MISMATCH top");
        }
    }

    @Test
    void a_declared_data_file_stands_for_the_one_in_the_header() {
        images().raw("declared").write("top", Qcow2Builder.v3().dataFile("/nowhere"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(declared("declared"))) {
            assertThat(Chains.nodes(chain)).containsExactly("top image qcow2 0 rw", "declared data-file raw 1 rw");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_declared_data_file_does_without_a_name_in_the_header() {
        images().raw("declared").write("top", Qcow2Builder.v3().incompatible(4));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(declared("declared"))) {
            assertThat(Chains.names(chain)).containsExactly("top", "declared");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void a_declared_data_file_for_an_image_without_one_is_a_mismatch() {
        images().raw("declared").write("top", Qcow2Builder.v3());
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(declared("declared"))) {
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_MISMATCH top");
        }
    }

    @Test
    void a_declared_data_file_of_a_malformed_image_is_still_listed() {
        images().raw("declared").write("top", Qcow2Builder.v3().patch32(20, 0));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(declared("declared"))) {
            assertThat(Chains.names(chain)).containsExactly("top", "declared");
            assertThat(Chains.problems(chain)).containsExactly("MALFORMED top");
        }
    }

    /** Also where this process has another directory than qemu. */
    @Test
    void a_relative_data_file_below_an_image_with_a_declared_one_has_the_base_that_it_has_elsewhere() {
        images().raw("declared").raw("low").raw("run/low").raw("vm/low");
        images().write("vm/base", Qcow2Builder.v3().dataFile("low"));
        images().write("top", Qcow2Builder.overlay("vm/base", "qcow2").dataFile("/nowhere"));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(declared("declared", new ImageRequest.ProcessDirectory(FileName.of("run/"))))) {
            assertThat(Chains.names(chain)).containsExactly("top", "declared", "vm/base", "run/low");
            assertThat(Chains.warnings(chain)).containsExactly("AMBIGUOUS vm/base");
        }
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(declared("declared", new ImageRequest.BesideImage()))) {
            assertThat(Chains.names(chain)).containsExactly("top", "declared", "vm/base", "vm/low");
        }
    }

    private static ImageRequest declared(String dataFile) {
        return declared(dataFile, new ImageRequest.BesideImage());
    }

    private static ImageRequest declared(String dataFile, ImageRequest.DataFileBase base) {
        return new ImageRequest(
                FileName.of("top"),
                new ImageRequest.Declared(ImageFormat.QCOW2),
                Access.READ_WRITE,
                new ImageRequest.HeaderBacking(),
                new ImageRequest.DeclaredDataFile(FileName.of(dataFile), base));
    }
}
