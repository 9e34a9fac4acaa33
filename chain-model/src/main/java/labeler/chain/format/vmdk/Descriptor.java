package labeler.chain.format.vmdk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/** A descriptor's text as qemu reads it: a C string in which the first match of a key counts, even in a comment. */
final class Descriptor {
    /** The kinds of disk that qemu opens by a descriptor. */
    static final Set<String> TYPES =
            Set.of("monolithicFlat", "vmfs", "vmfsSparse", "seSparse", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat");

    private static final String CREATE_TYPE = "createType";

    /** Between a key and its value are an equals sign and a quote, which qemu does not check. */
    private static final int BETWEEN = 2;

    /** qemu keeps the value in 128 bytes, the NUL included. */
    private static final int MAX_TYPE = 127;

    private final String text;
    private final boolean ended;

    /** From bytes that may go on after a NUL. */
    Descriptor(ByteBuffer bytes) {
        byte[] array = new byte[bytes.limit()];
        bytes.get(0, array);
        // One char a byte, so that names come out as the bytes that they are.
        String all = new String(array, StandardCharsets.ISO_8859_1);
        int end = all.indexOf('\0');
        this.text = end < 0 ? all : all.substring(0, end);
        this.ended = end >= 0;
    }

    String text() {
        return text;
    }

    /** Whether a NUL ended it. */
    boolean isEnded() {
        return ended;
    }

    Optional<String> createType() {
        int key = text.indexOf(CREATE_TYPE);
        if (key < 0) {
            return Optional.empty();
        }
        int start = Math.min(text.length(), key + CREATE_TYPE.length() + BETWEEN);
        int end = text.indexOf('"', start);
        return end < 0 || end - start > MAX_TYPE ? Optional.empty() : Optional.of(text.substring(start, end));
    }

    Extents extents() {
        return Extents.in(text);
    }
}
