package labeler.arguments;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RawArgumentsTest {
    private static byte[] commandLine(String latin) {
        return latin.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void the_kernels_bytes_replace_what_the_jvm_made_of_them() {
        assertThat(RawArguments.of(
                                new String[] {"chain", "caf\ufffd", ""},
                                commandLine("java\0-cp\0x\0labeler.cli.Main\0chain\0caf\351\0\0"))
                        .orElseThrow())
                .containsExactly("chain", "caf\351", "");
    }

    @Test
    void another_command_line_is_not_believed() {
        assertThat(RawArguments.of(new String[] {"chain", "ä"}, commandLine("java\0other\0\303\244\0"))
                        .orElseThrow())
                .containsExactly("chain", "\303\244");
        assertThat(RawArguments.of(new String[] {"chain"}, commandLine("")).orElseThrow())
                .containsExactly("chain");
    }

    @Test
    void what_the_jvm_could_not_decode_is_no_argument() {
        for (String lost : List.of("caf\ufffd", "caf\udce9")) {
            assertThat(RawArguments.of(new String[] {"chain", lost}, commandLine("java\0other\0caf\351\0")))
                    .isEmpty();
        }
    }

    @Test
    void a_message_shows_utf8_and_escapes_the_rest() {
        assertThat(RawArguments.printable("caf\303\251")).isEqualTo("café");
        assertThat(RawArguments.printable("caf\351\033")).isEqualTo("caf\\xe9\\x1b");
    }
}
