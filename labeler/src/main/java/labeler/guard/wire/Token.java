package labeler.guard.wire;

import java.nio.charset.StandardCharsets;

/**
 * A token of qemu's JSON.
 *
 * @param text as it was sent, one character a byte; of a string, with its quotes and escapes
 */
record Token(Kind kind, String text) {
    /** The kinds of tokens. */
    enum Kind {
        OBJECT_BEGIN,
        OBJECT_END,
        ARRAY_BEGIN,
        ARRAY_END,
        COLON,
        COMMA,
        INTEGER,
        FLOAT,
        KEYWORD,
        STRING,
        /** No token: the last byte fits to nothing. */
        STRAY
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
