package labeler.chain.detect;

import java.nio.ByteBuffer;
import java.util.List;
import labeler.chain.FileName;

/**
 * Finds the formats that an image's first bytes claim. A claim is a reason to refuse or to report; for a VM it is never
 * believed.
 */
public final class ContentProbe {
    /** As much as qemu probes ({@code BLOCK_PROBE_BUF_SIZE}); a text descriptor may need all of it. */
    public static final int LENGTH = 512;

    private ContentProbe() {}

    /**
     * The formats whose signatures the bytes have, by qemu's driver names, in a fixed order. Empty: only raw.
     *
     * @param start up to {@link #LENGTH} bytes from offset 0, fewer only if the file ends
     * @param name a name that ends in {@code .dmg} is enough for qemu to take a file for that
     */
    public static List<String> claims(ByteBuffer start, FileName name) {
        List<String> formats = Signature.ALL.stream()
                .filter(signature -> signature.holds().test(start))
                .map(Signature::format)
                .distinct()
                .toList();
        return formats.isEmpty() && endsLikeDmg(name) ? List.of("dmg") : formats;
    }

    private static boolean endsLikeDmg(FileName name) {
        return name.length() > ".dmg".length()
                && name.from(name.length() - ".dmg".length()).equals(FileName.of(".dmg"));
    }
}
