package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainWalkerTest {
    @TempDir
    private Path directory;

    @Test
    void an_overlay_on_a_raw_base_is_two_files() throws IOException {
        Files.write(directory.resolve("base"), new byte[512]);
        Files.write(
                directory.resolve("top"), Qcow2Builder.overlay("base", "raw").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("top")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(chain.nodes())
                    .extracting(node -> node.format())
                    .containsExactly(ImageFormat.QCOW2, ImageFormat.RAW);
        }
    }

    private Chain<DirectoryOpener.OpenedFile> walk(String name) {
        return new ChainWalker<>(new DirectoryOpener(directory), ChainLimits.DEFAULT)
                .walk(ImageRequest.followingHeaders(
                        FileName.of(name),
                        new ImageRequest.Declared(ImageFormat.QCOW2),
                        Access.READ_WRITE,
                        new ImageRequest.ProcessDirectory(FileName.of(""))));
    }
}
