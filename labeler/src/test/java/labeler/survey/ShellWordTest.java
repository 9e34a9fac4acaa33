package labeler.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;

/** What a person copies into a shell must be one word, with exactly these bytes. */
class ShellWordTest {
    private static final List<String> NAMES = List.of(
            "/vm/a.qcow2",
            "/vm/with space",
            "/vm/it's",
            "/vm/$(touch x)`id`;rm -rf ~",
            "/vm/new\nline\ttab",
            "/vm/turned \u202e txt",
            "/vm/\u00fcber",
            "/vm/back\\slash'and\u0001",
            "/vm/*?[a]{b,c}~!#&|<>\"");

    @Test
    void bash_takes_each_for_one_word_with_the_same_bytes() throws IOException {
        for (String name : NAMES) {
            String word = ShellWord.of(HostPath.of(name));
            assertThat(word).doesNotContain("\n", "\u202e");
            Process bash = new ProcessBuilder("bash", "-c", "printf '%s|' " + word).start();
            assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(name + "|");
        }
    }

    @Test
    void a_plain_name_stays_as_it_is() {
        assertThat(ShellWord.of(HostPath.of("/vm/a-1_b.qcow2"))).isEqualTo("/vm/a-1_b.qcow2");
    }
}
