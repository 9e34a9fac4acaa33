package labeler.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Names in URLs as they are sent (RFC 3986, section 2.1). */
public final class PercentEncoding {
    private PercentEncoding() {}

    /** One segment of a path. A space does not become a plus sign. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
