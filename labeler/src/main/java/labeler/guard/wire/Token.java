package labeler.guard.wire;

import java.nio.charset.StandardCharsets;

/**
 * A token of qemu's JSON.
 *
 * @param bytes as they were sent; of a string, with its quotes and escapes
 */
record Token(Kind kind, byte[] bytes) {
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

    /** Of tokens that are ASCII. */
    String text() {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
