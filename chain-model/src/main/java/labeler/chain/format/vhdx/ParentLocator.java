package labeler.chain.format.vhdx;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import labeler.chain.FileName;
import labeler.chain.io.ByteRange;

/** Keys and values in UTF-16LE that say where the parent is. */
final class ParentLocator {
    private static final int COUNT_AT = 18;
    private static final int ROWS_AT = 20;
    private static final int ROW_BYTES = 12;
    private static final Set<String> PATH_KEYS = Set.of("relative_path", "volume_path", "absolute_win32_path");

    /** Room for three kinds of path and some for the future. */
    private static final int MAX_ROWS = 64;

    private ParentLocator() {}

    /** All paths in it; {@code unnamed} if there is none. */
    static List<FileName> names(ByteBuffer locator) {
        List<FileName> names = new ArrayList<>();
        int rows = locator.limit() < ROWS_AT ? 0 : Math.min(MAX_ROWS, locator.getShort(COUNT_AT) & 0xffff);
        for (int i = 0; i < rows && ROWS_AT + (i + 1) * ROW_BYTES <= locator.limit(); i++) {
            int row = ROWS_AT + i * ROW_BYTES;
            String key = text(locator, locator.getInt(row), locator.getShort(row + 8));
            if (PATH_KEYS.contains(key)) {
                names.add(FileName.of(text(locator, locator.getInt(row + 4), locator.getShort(row + 10))));
            }
        }
        names.removeIf(FileName::isEmpty);
        return names.isEmpty() ? List.of(FileName.of("an unnamed parent")) : names;
    }

    private static String text(ByteBuffer locator, int offset, short length) {
        int bytes = length & 0xffff;
        if (!ByteRange.fits(Integer.toUnsignedLong(offset), bytes, locator.limit())) {
            return "";
        }
        return StandardCharsets.UTF_16LE.decode(locator.slice(offset, bytes)).toString();
    }
}
