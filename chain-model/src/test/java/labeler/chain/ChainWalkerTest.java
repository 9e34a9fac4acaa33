package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.MemoryImage;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;

class ChainWalkerTest extends ImagesTest {
    @Test
    void an_overlay_and_its_base_are_listed_top_first_and_the_base_read_only() {
        images().raw("base").write("mid", Qcow2Builder.overlay("base", "raw"));
        images().write("top", Qcow2Builder.overlay("mid", "qcow2").size(2 << 20));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.isComplete()).isTrue();
            assertThat(Chains.nodes(chain))
                    .containsExactly("top image qcow2 0 rw", "mid backing qcow2 1 ro", "base backing raw 2 ro");
            assertThat(chain.nodes())
                    .extracting(Chain.Node::formatSource)
                    .containsExactly(Chain.FormatSource.DECLARED, Chain.FormatSource.HEADER, Chain.FormatSource.HEADER);
            assertThat(chain.nodes())
                    .extracting(node -> node.virtualSize().orElse(-1))
                    .containsExactly(2L << 20, 1L << 20, 4096L);
            assertThat(chain.nodes())
                    .extracting(node -> node.parent().orElse(-1))
                    .containsExactly(-1, 0, 1);
            assertThat(images().opener().openNow()).isEqualTo(3);
        }
    }

    @Test
    void a_backing_file_whose_format_is_not_recorded_is_not_opened() {
        images().raw("base").write("top", Qcow2Builder.v3().backing("base"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain)).containsExactly("top");
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_UNSPECIFIED top");
            assertThat(chain.problems().getFirst().message())
                    .contains("CVE-2010-2238", "qemu-img rebase -u -F FORMAT -b NAME IMAGE");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void a_recorded_format_is_a_driver_name_to_the_letter() {
        for (String unknown : List.of("QCOW2", "Raw", "raw ", "qcow3", "./x", "\u00e4")) {
            images().raw("base").write("top", Qcow2Builder.overlay("base", unknown));
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
                assertThat(Chains.problems(chain)).as(unknown).containsExactly("FORMAT_UNKNOWN top");
            }
        }
    }

    @Test
    void a_recorded_protocol_is_external_and_a_problem() {
        for (String protocol : List.of("file", "nbd", "blkdebug", "host_device")) {
            images().raw("base").write("top", Qcow2Builder.overlay("base", protocol));
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
                assertThat(Chains.external(chain)).contains(protocol + " base backing top");
                assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
                assertThat(Chains.names(chain)).containsExactly("top");
            }
        }
    }

    @Test
    void a_base_recorded_as_raw_is_raw_whatever_it_holds_and_that_is_a_warning() {
        images().raw("secret").write("base", Qcow2Builder.overlay("secret", "raw"));
        images().write("top", Qcow2Builder.overlay("base", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.isComplete()).isTrue();
            assertThat(Chains.nodes(chain)).containsExactly("top image qcow2 0 rw", "base backing raw 1 ro");
            assertThat(Chains.warnings(chain)).containsExactly("FORMAT_MISMATCH base");
        }
    }

    @Test
    void a_base_that_is_not_what_its_overlay_says_is_a_mismatch() {
        images().raw("base").write("top", Qcow2Builder.overlay("base", "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain)).containsExactly("top", "base");
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_MISMATCH base");
        }
    }

    @Test
    void an_image_that_is_its_own_backing_is_a_loop() {
        images().write("top", Qcow2Builder.overlay("top", "qcow2"));
        assertLoop("top", "top");
    }

    @Test
    void two_images_in_a_circle_are_a_loop() {
        images().write("a", Qcow2Builder.overlay("b", "qcow2")).write("b", Qcow2Builder.overlay("a", "qcow2"));
        assertLoop("a", "b");
    }

    @Test
    void another_name_for_the_same_file_is_a_loop_all_the_same() throws IOException {
        images().write("top", Qcow2Builder.overlay("./top", "qcow2"));
        assertLoop("top", "top");
        images().write("linked", Qcow2Builder.overlay("symbolic", "qcow2"));
        Files.createSymbolicLink(images().path("symbolic"), Path.of("linked"));
        assertLoop("linked", "linked");
        images().write("hard", Qcow2Builder.overlay("other", "qcow2"));
        Files.createLink(images().path("other"), images().path("hard"));
        assertLoop("hard", "hard");
    }

    @Test
    void a_circle_that_is_entered_from_a_symbolic_link_to_a_directory_is_a_loop() throws IOException {
        Files.createSymbolicLink(images().path("dir"), Path.of("."));
        images().write("top", Qcow2Builder.overlay("dir/top", "qcow2"));
        assertLoop("top", "top");
    }

    @Test
    void a_chain_of_200_backing_files_is_followed_and_of_201_is_too_deep() {
        writeChain(201);
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("layer1")) {
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.nodes()).hasSize(201);
        }
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("layer0")) {
            assertThat(Chains.problems(chain)).containsExactly("TOO_DEEP layer200");
            assertThat(chain.nodes()).hasSize(201);
        }
    }

    @Test
    void a_chain_of_5000_layers_ends_at_the_limit_with_few_files_open() {
        writeChain(5000);
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("layer0")) {
            assertThat(Chains.problems(chain)).containsExactly("TOO_DEEP layer200");
            assertThat(images().opener().asked()).hasSize(201);
        }
    }

    @Test
    void a_limit_of_files_ends_the_walk() {
        images().write("top", Qcow2Builder.overlay("mid", "qcow2").dataFile("data"));
        images().write("mid", Qcow2Builder.overlay("base", "raw")).raw("base").raw("data");
        ChainWalker<DirectoryOpener.OpenedFile> walker = new ChainWalker<>(images().opener(), new ChainLimits(200, 3));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                walker.walk(ImageDirectory.request("top", new ImageRequest.Declared(ImageFormat.QCOW2)))) {
            assertThat(chain.nodes()).hasSize(3);
            assertThat(Chains.problems(chain)).containsExactly("TOO_MANY base");
        }
    }

    @Test
    void a_missing_top_is_one_problem_and_no_file() {
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("nothing")) {
            assertThat(chain.nodes()).isEmpty();
            assertThat(Chains.problems(chain)).containsExactly("MISSING nothing");
        }
    }

    @Test
    void a_missing_backing_file_leaves_the_other_files_listed() {
        images().write("top", Qcow2Builder.overlay("mid", "qcow2").dataFile("data"))
                .raw("data");
        images().write("mid", Qcow2Builder.overlay("nothing", "raw").dataFile("middata"))
                .raw("middata");
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain)).containsExactly("top", "data", "mid", "middata");
            assertThat(Chains.problems(chain)).containsExactly("MISSING nothing");
            assertThat(chain.problems().getFirst().message()).contains("mid");
        }
    }

    @Test
    void a_malformed_backing_file_is_still_listed() {
        images().write("mid", Qcow2Builder.v3().clusterBits(16).patch32(20, 63));
        images().write("top", Qcow2Builder.overlay("mid", "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain)).containsExactly("top", "mid");
            assertThat(Chains.problems(chain)).containsExactly("MALFORMED mid");
        }
    }

    @Test
    void a_base_shared_by_the_chain_and_as_a_data_file_is_one_node_with_the_stronger_access() {
        images().raw("shared");
        images().write("top", Qcow2Builder.overlay("mid", "qcow2").dataFile("shared"));
        images().write("mid", Qcow2Builder.overlay("shared", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("top image qcow2 0 rw", "shared data-file raw 1 rw", "mid backing qcow2 1 ro");
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void one_file_used_in_two_formats_is_a_mismatch() {
        images().write("shared", Qcow2Builder.v3());
        images().write("top", Qcow2Builder.overlay("shared", "qcow2").dataFile("shared"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("FORMAT_MISMATCH shared");
            assertThat(Chains.names(chain)).containsExactly("top", "shared");
        }
    }

    @Test
    void a_file_that_was_replaced_during_the_walk_is_a_problem() {
        Map<String, MemoryImage> files = new HashMap<>();
        files.put("top", new MemoryImage(Qcow2Builder.overlay("base", "raw").build(), new FileIdentity(1, 1)));
        files.put("base", new MemoryImage(new byte[512], new FileIdentity(1, 2)));
        ImageOpener<MemoryImage> opener = name -> {
            if (name.equals(FileName.of("base"))) {
                memory(files, "top").change();
            }
            return new ImageOpener.Open<>(memory(files, name.toString()));
        };
        try (Chain<MemoryImage> chain = new ChainWalker<>(opener, ChainLimits.DEFAULT)
                .walk(ImageDirectory.request("top", new ImageRequest.Declared(ImageFormat.QCOW2)))) {
            assertThat(Chains.problems(chain)).containsExactly("CHANGED top");
            assertThat(Chains.names(chain)).containsExactly("top", "base");
        }
    }

    @Test
    void a_failing_disk_is_a_problem_of_its_file() {
        MemoryImage image = new MemoryImage(Qcow2Builder.v3().build());
        image.failReads();
        for (ImageRequest.FormatChoice format : List.of(
                new ImageRequest.Declared(ImageFormat.QCOW2),
                new ImageRequest.Undeclared(),
                new ImageRequest.Detect())) {
            try (Chain<MemoryImage> chain = new ChainWalker<>(
                            name -> new ImageOpener.Open<>(image), ChainLimits.DEFAULT)
                    .walk(ImageDirectory.request("top", format))) {
                assertThat(Chains.problems(chain)).containsExactly("UNREADABLE top");
            }
        }
        assertThat(image.isClosed()).isTrue();
    }

    @Test
    void an_opener_that_throws_leaves_nothing_open() {
        MemoryImage top = new MemoryImage(Qcow2Builder.overlay("base", "raw").build());
        ImageOpener<MemoryImage> opener = name -> {
            if (name.equals(FileName.of("top"))) {
                return new ImageOpener.Open<>(top);
            }
            throw new IllegalStateException("a bug");
        };
        ChainWalker<MemoryImage> walker = new ChainWalker<>(opener, ChainLimits.DEFAULT);
        ImageRequest request = ImageDirectory.request("top", new ImageRequest.Declared(ImageFormat.QCOW2));
        assertThatThrownBy(() -> walker.walk(request)).hasMessage("a bug");
        assertThat(top.isClosed()).isTrue();
    }

    private static MemoryImage memory(Map<String, MemoryImage> files, String name) {
        MemoryImage file = files.get(name);
        if (file == null) {
            throw new AssertionError("no such file: " + name);
        }
        return file;
    }

    private void writeChain(int layers) {
        for (int i = 0; i < layers; i++) {
            images().write(
                            "layer" + i,
                            Qcow2Builder.overlay("layer" + (i + 1), "qcow2").clusterBits(9));
        }
        images().write("layer" + layers, Qcow2Builder.v3().clusterBits(9));
    }

    private void assertLoop(String top, String closing) {
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(top)) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP " + closing);
            assertThat(Chains.names(chain)).startsWith(top).doesNotHaveDuplicates();
        }
    }
}
