package labeler.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.chain.FileName;

/** Names in URLs as they arrive (RFC 3986, section 2.1). */
final class PercentDecoding {
    private PercentDecoding() {}

    /** The text of one segment; empty if it is broken or not UTF-8. A plus sign stays a plus sign. */
    static Optional<String> decode(String segment) {
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
