package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import labeler.chain.testing.ImageDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests that walk from images in a directory, and leave none of them open. */
abstract class ImagesTest {
    @TempDir
    Path directory;

    private ImageDirectory images;

    @BeforeEach
    void start() {
        images = new ImageDirectory(directory);
    }

    @AfterEach
    void every_file_was_closed() {
        assertThat(images().opener().openNow()).isZero();
    }

    ImageDirectory images() {
        return images;
    }
}
