package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain that another program has found in headers: the headers still have to agree. */
class ProbedBackingTest {
    @TempDir
    Path directory;

    private List<String> problems(Qcow2Builder top, String name, ImageFormat format) {
        ImageDirectory images =
                new ImageDirectory(directory).raw("base").write("top", top).write("other", Qcow2Builder.v3());
        ImageRequest found = new ImageRequest(
                FileName.of(name),
                new ImageRequest.Declared(format),
                Access.READ_ONLY,
                new ImageRequest.NoBacking(),
                new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage()));
        try (Chain<DirectoryOpener.OpenedFile> chain = images.walk(new ImageRequest(
                FileName.of("top"),
                new ImageRequest.Declared(ImageFormat.QCOW2),
                Access.READ_WRITE,
                new ImageRequest.ProbedBacking(found),
                new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage())))) {
            if (chain.isComplete()) {
                assertThat(chain.nodes().getLast().namedBy()).isEqualTo(Chain.NamedBy.HEADER);
                assertThat(chain.nodes().getLast().formatSource()).isEqualTo(Chain.FormatSource.HEADER);
            }
            return Chains.problems(chain);
        }
    }

    @Test
    void what_the_header_records_as_well_is_followed() {
        assertThat(problems(Qcow2Builder.overlay("base", "raw"), "base", ImageFormat.RAW))
                .isEmpty();
        assertThat(problems(Qcow2Builder.overlay("other", "qcow2"), "other", ImageFormat.QCOW2))
                .isEmpty();
    }

    @Test
    void a_format_that_was_guessed_counts_as_raw_alone() {
        assertThat(problems(Qcow2Builder.v3().backing("base"), "base", ImageFormat.RAW))
                .isEmpty();
        assertThat(problems(Qcow2Builder.v3().backing("other"), "other", ImageFormat.QCOW2))
                .containsExactly("FORMAT_UNSPECIFIED top");
    }

    @Test
    void another_format_than_the_header_records_is_refused() {
        assertThat(problems(Qcow2Builder.overlay("other", "raw"), "other", ImageFormat.QCOW2))
                .containsExactly("FORMAT_UNSPECIFIED top");
        assertThat(problems(Qcow2Builder.overlay("other", "qcow2"), "other", ImageFormat.RAW))
                .containsExactly("FORMAT_UNSPECIFIED top");
    }

    @Test
    void another_file_than_the_header_names_is_refused() {
        assertThat(problems(Qcow2Builder.overlay("base", "raw"), "other", ImageFormat.RAW))
                .containsExactly("CHANGED top");
        assertThat(problems(Qcow2Builder.v3(), "base", ImageFormat.RAW)).containsExactly("CHANGED top");
    }
}
