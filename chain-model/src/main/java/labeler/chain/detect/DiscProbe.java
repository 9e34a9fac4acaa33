package labeler.chain.detect;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Whether an image is of a disc of ISO 9660 (ECMA-119), which begins with 16 sectors of anything and names no other file.
 */
public final class DiscProbe {
    /** Of the identifier in the first volume descriptor: behind 16 sectors of 2048 bytes, and its type. */
    public static final long POSITION = 16 * 2048 + 1;

    /** Of the identifier. */
    public static final int LENGTH = 5;

    private static final byte[] IDENTIFIER = "CD001".getBytes(StandardCharsets.US_ASCII);

    private DiscProbe() {}

    /** By what is at {@link #POSITION}, up to {@link #LENGTH} bytes. */
    public static boolean isDisc(ByteBuffer identifier) {
        byte[] there = new byte[identifier.limit()];
        identifier.get(0, there);
        return Arrays.equals(there, IDENTIFIER);
    }
}
