package labeler.chain.detect;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The XML that describes a Parallels disk, as Parallels and its Linux tools write it. */
final class ParallelsText {
    private static final Pattern START =
            Pattern.compile("(?:\u00ef\u00bb\u00bf)?\\s*+(?:<\\?xml[^>]*+>)?\\s*+<Parallels_disk_image[\\s>/]");

    private ParallelsText() {}

    static boolean startsDescriptor(ByteBuffer start) {
        byte[] bytes = new byte[start.limit()];
        start.get(0, bytes);
        return START.matcher(new String(bytes, StandardCharsets.ISO_8859_1)).lookingAt();
    }
}
