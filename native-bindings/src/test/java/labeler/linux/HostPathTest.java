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
    @Test
    void what_turns_hides_or_ends_text_is_shown_by_its_bytes_whatever_its_length() {
        for (int codePoint : new int[] {0x85, 0xad, 0x202e, 0x2028, 0x2029, 0x2066, 0xfeff, 0x378, 0xe0001, 0xe0fff}) {
            String character = Character.toString(codePoint);
            assertThat(HostPath.of("/a" + character + "b").printable())
                    .as("U+%04X", codePoint)
                    .matches("/a(\\\\x[0-9a-f]{2})+b");
            assertThat(Printable.text("a" + character + "b")).matches("a(\\\\x[0-9a-f]{2})+b");
        }
        assertThat(Printable.text("a\ud83db")).isEqualTo("a\\x3fb");
        assertThat(Printable.text("ü 漢 🐧")).isEqualTo("ü 漢 🐧");
    }

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

    @Test
    void a_name_below_a_directory_is_no_name_that_only_begins_like_it() {
        HostPath directory = HostPath.of("/a/b");
        assertThat(HostPath.of("/a/b/c").isBelow(directory)).isTrue();
        assertThat(HostPath.of("/a/b/c/d").isBelow(directory)).isTrue();
        assertThat(HostPath.of("/a/b").isBelow(directory)).isFalse();
        assertThat(HostPath.of("/a/bc").isBelow(directory)).isFalse();
        assertThat(HostPath.of("/a").isBelow(directory)).isFalse();
        assertThat(directory.isBelow(HostPath.of("/"))).isTrue();
    }

    @Test
    void an_entry_is_written_as_its_directory_and_one_name() {
        HostPath directory = HostPath.of("/a/b");
        assertThat(HostPath.of("/a/b/c").isEntryOf(directory)).isTrue();
        assertThat(HostPath.of("/c").isEntryOf(HostPath.of("/"))).isTrue();
        for (String other :
                List.of("/a/b", "/a/b/", "/a/b/.", "/a/b/..", "/a/b/c/d", "/a/b/c/../d", "/a//b/c", "/a/b//c")) {
            assertThat(HostPath.of(other).isEntryOf(directory)).as(other).isFalse();
        }
    }
}
