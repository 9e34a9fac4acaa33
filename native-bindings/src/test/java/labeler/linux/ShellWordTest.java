package labeler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
            "/vm/ends in \\",
            "=ls",
            "/vm/*?[a]{b,c}~!#&|<>\"");

    /** What a shell makes of the word: each of its words, and a {@code |} after it. */
    private static String taken(String shell, String word) throws IOException {
        Process process = new ProcessBuilder(shell, "-c", "printf '%s|' " + word).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void bash_takes_each_for_one_word_with_the_same_bytes() throws IOException {
        for (String name : NAMES) {
            for (String word : List.of(ShellWord.of(name), ShellWord.of(HostPath.of(name)))) {
                assertThat(word).doesNotContain("\n", "\u202e");
                assertThat(taken("bash", word)).isEqualTo(name + "|");
            }
        }
    }

    @Test
    void a_shell_that_knows_no_dollar_quotes_takes_no_command_out_of_them() throws IOException {
        for (String name : List.of("/vm/\u0001'; echo taken; '", "/vm/\u0001\\'; echo taken; '\\")) {
            assertThat(taken("sh", ShellWord.of(HostPath.of(name))))
                    .contains("echo taken")
                    .doesNotContain("|taken")
                    .endsWith("|");
        }
    }

    @Test
    void a_plain_name_stays_as_it_is() {
        assertThat(ShellWord.of(HostPath.of("/vm/a-1_b.qcow2"))).isEqualTo("/vm/a-1_b.qcow2");
        assertThat(ShellWord.last("web-1")).isEqualTo("web-1");
    }

    @Test
    void no_name_is_taken_for_an_option() {
        assertThat(ShellWord.of(HostPath.of("-rf"))).isEqualTo("./-rf");
        assertThat(ShellWord.of(HostPath.of("-r f"))).isEqualTo("'./-r f'");
        assertThat(ShellWord.last("--apply")).isEqualTo("-- --apply");
        assertThat(ShellWord.last("web1", "-d")).isEqualTo("-- web1 -d");
        assertThat(ShellWord.last("-a;id")).isEqualTo("-- '-a;id'");
    }

    @Test
    void no_name_is_still_a_word() {
        assertThat(ShellWord.of("")).isEqualTo("''");
    }
}
