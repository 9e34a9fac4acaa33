package labeler.chain.detect;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Whether an image is an ISO 9660 disc (ECMA-119), which begins with 16 sectors of any content and names no other file.
 */
public final class DiscProbe {
    /** The position of the identifier in the first volume descriptor: behind 16 sectors of 2048 bytes, and the type. */
    public static final long POSITION = 16 * 2048 + 1;

    /** The length of the identifier. */
    public static final int LENGTH = 5;

    private static final byte[] IDENTIFIER = "CD001".getBytes(StandardCharsets.US_ASCII);

    private DiscProbe() {}

    /** Decides by up to {@link #LENGTH} bytes at {@link #POSITION}. */
    public static boolean isDisc(ByteBuffer identifier) {
        byte[] there = new byte[identifier.limit()];
        identifier.get(0, there);
        return Arrays.equals(there, IDENTIFIER);
    }
}
