package labeler.api;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.chain.FileName;

/** Names in URLs (RFC 3986, section 2.1). */
public final class PercentEncoding {
    private PercentEncoding() {}

    /** One segment of a path, in which a space is no plus sign. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
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
        return FileName.of(out.toByteArray()).utf8();
    }
}
