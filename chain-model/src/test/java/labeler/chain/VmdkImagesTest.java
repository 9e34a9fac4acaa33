package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;

/** Tests that walk from a VMDK image, mostly one named {@code image}. */
abstract class VmdkImagesTest extends ImagesTest {
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    Chain<DirectoryOpener.OpenedFile> walk(String name) {
        return images().walk(ImageDirectory.request(name, new ImageRequest.Declared(ImageFormat.VMDK)));
    }

    void assertNames(String... names) {
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(chain.problems()).isEmpty();
            assertThat(Chains.names(chain)).containsExactly(names);
        }
    }

    void assertProblem(Problem.Kind kind) {
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly(kind + " image");
        }
    }
}
