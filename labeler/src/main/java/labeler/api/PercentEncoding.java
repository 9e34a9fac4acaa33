package labeler.api;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.json.JsonBytes;

/** Names in URLs (RFC 3986, section 2.1). */
public final class PercentEncoding {
    private static final String UNRESERVED = "-._~";
    private static final String DIGITS = "0123456789ABCDEF";

    private PercentEncoding() {}

    /** One segment of a path, everything but letters, digits and {@code -._~} encoded. */
    public static String encode(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
                out.append(c);
            } else {
                out.append('%').append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 15));
            }
        }
        return out.toString();
    }

    /** The text of one segment; empty where it is broken, or not UTF-8. A plus sign is a plus sign. */
    public static Optional<String> decode(String segment) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(segment.length());
        byte[] encoded = segment.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] != '%') {
                out.write(encoded[i]);
                continue;
            }
            if (i + 2 >= encoded.length) {
                return Optional.empty();
            }
            int high = Character.digit(encoded[i + 1], 16);
            int low = Character.digit(encoded[i + 2], 16);
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            out.write(high << 4 | low);
            i += 2;
        }
        return JsonBytes.utf8(out.toByteArray());
    }
}
