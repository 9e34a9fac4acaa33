package labeler.linux;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Bytes from outside, made safe to show on a terminal or in a log. */
final class Printable {
    private Printable() {}

    static String escape(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length);
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer decoded = CharBuffer.allocate(bytes.length + 1);
        while (in.hasRemaining()) {
            CoderResult result = decoder.decode(in, decoded, true);
            appendVisible(out, decoded.flip());
            decoded.clear();
            if (result.isError()) {
                for (int i = 0; i < result.length(); i++) {
                    out.append(String.format("\\x%02x", in.get() & 0xff));
                }
                decoder.reset();
            }
        }
        return out.toString();
    }

    private static void appendVisible(StringBuilder out, CharBuffer text) {
        text.chars().forEach(c -> {
            int type = Character.getType(c);
            boolean visible = c >= ' '
                    && type != Character.CONTROL
                    && type != Character.FORMAT
                    && type != Character.LINE_SEPARATOR
                    && type != Character.PARAGRAPH_SEPARATOR;
            if (visible) {
                out.append((char) c);
            } else {
                for (byte b : String.valueOf((char) c).getBytes(StandardCharsets.UTF_8)) {
                    out.append(String.format("\\x%02x", b & 0xff));
                }
            }
        });
    }
}
