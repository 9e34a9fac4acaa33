package labeler.guard.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes that come one after another. Long ones take no memory any more when they are forgotten. */
public final class GatheredBytes {
    private static final int MOST_KEPT = 8 << 10;

    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public int size() {
        return bytes.size();
    }

    /** The memory that they take, at most: there is room for more. */
    public long weight() {
        return 2L * bytes.size();
    }

    /** Takes one byte, 0 to 255. */
    public void add(int next) {
        bytes.write(next);
    }

    public void add(byte[] more, int begin, int length) {
        bytes.write(more, begin, length);
    }

    public byte[] all() {
        return bytes.toByteArray();
    }

    /** Each byte as a character. */
    public String text() {
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    public void forget() {
        if (bytes.size() > MOST_KEPT) {
            bytes = new ByteArrayOutputStream();
        } else {
            bytes.reset();
        }
    }
}
