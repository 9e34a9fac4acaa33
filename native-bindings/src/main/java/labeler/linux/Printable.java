package labeler.linux;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Text from outside, made safe to show on a terminal or in a log: one rule for both. A character that is not visible as
 * itself is written as {@code \xNN}, byte by byte in UTF-8.
 */
public final class Printable {
    private Printable() {}

    /**
     * Whether a character is visible as itself, and has no other effect. These characters are not: control characters
     * (Cc), characters that turn or hide other text (Cf), line ends of any kind (Zl, Zp), halves of a pair (Cs), and
     * characters that Unicode has not assigned yet (Cn), which may become any of these.
     */
    public static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** The same text on one line. */
    public static String text(String text) {
        if (text.codePoints().allMatch(Printable::isVisible)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(codePoint -> append(out, codePoint));
        return out.toString();
    }

    static String escape(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer decoded = CharBuffer.allocate(bytes.length + 1);
        while (in.hasRemaining()) {
            CoderResult result = decoder.decode(in, decoded, true);
            decoded.flip().codePoints().forEach(codePoint -> append(out, codePoint));
            decoded.clear();
            if (result.isError()) {
                for (int i = 0; i < result.length(); i++) {
                    appendByte(out, in.get());
                }
                decoder.reset();
            }
        }
        return out.toString();
    }

    private static void append(StringBuilder out, int codePoint) {
        if (isVisible(codePoint)) {
            out.appendCodePoint(codePoint);
        } else {
            for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
                appendByte(out, b);
            }
        }
    }

    private static void appendByte(StringBuilder out, byte b) {
        out.append(String.format("\\x%02x", b & 0xff));
    }
}
