package labeler.chain.io;

import java.nio.ByteBuffer;
import labeler.chain.FileName;

/** Strings in headers have a length, but also end at the first NUL: qemu handles them as C strings. */
public final class CString {
    private CString() {}

    /** The name in the remaining bytes of {@code field}, which are all consumed. */
    public static FileName in(ByteBuffer field) {
        byte[] bytes = new byte[field.remaining()];
        field.get(bytes);
        FileName name = FileName.of(bytes);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                return name.until(i);
            }
        }
        return name;
    }
}
