package labeler.chain.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainXmlTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "<a/>", "<a>\u00e4\u20ac\ud83d\ude00</a>", "<a>\ufffd</a>"})
    void valid_text_stays_as_it_is(String text) throws CharacterCodingException {
        assertThat(PlainXml.utf8(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    }

    /** A byte alone, a sequence that is too long for its character, a surrogate, an end in the middle. */
    @ParameterizedTest
    @ValueSource(strings = {"\u00ff", "a\u0080", "\u00c0\u00af", "\u00ed\u00a0\u0080", "\u00e2\u0082"})
    void bytes_that_are_no_text_are_refused(String bytes) {
        assertThatThrownBy(() -> PlainXml.utf8(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(CharacterCodingException.class);
    }

    @Test
    void a_fault_behind_a_replacement_character_is_found() {
        assertThatThrownBy(() -> PlainXml.utf8(new byte[] {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD, (byte) 0xFF}))
                .isInstanceOf(CharacterCodingException.class);
    }
}
