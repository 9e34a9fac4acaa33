package labeler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between the JDK's paths and the kernel's bytes. */
final class HostPathTest {
    private static HostPath latin(String bytes) {
        return HostPath.of(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void a_file_of_any_name_is_written_and_found_under_the_same_bytes(@TempDir Path directory) throws IOException {
        HostPath file = HostPath.of(directory).child("%41 caf\351#?\n".getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(file.jdkPath(), "here");
        try (var names = Files.list(directory)) {
            assertThat(names.map(HostPath::of)).containsExactly(file);
        }
        Files.delete(file.jdkPath());
    }

    @Test
    void nothing_is_normalised() {
        for (String path : List.of("/", "/a", "/a/../b/./c", "//a", "/\303\251\377")) {
            assertThat(HostPath.of(latin(path).jdkPath())).isEqualTo(latin(path.replace("//", "/")));
        }
        assertThat(latin("../a/./b").jdkPath()).hasToString("../a/./b");
        assertThat(latin(".").jdkPath()).hasToString(".");
        assertThat(latin("a").jdkPath()).isRelative();
    }

    @Test
    void a_directory_has_no_slash_at_its_end(@TempDir Path directory) {
        assertThat(HostPath.of(directory)).isEqualTo(HostPath.of(directory.toString()));
    }
}
