package labeler.linux;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text as the kernel prints it: bytes, parted by one that stands in no part. */
public final class KernelText {
    private KernelText() {}

    /** The parts before, between and after these bytes, empty ones among them. */
    public static List<byte[]> split(byte[] text, char separator) {
        List<byte[]> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= text.length; i++) {
            if (i == text.length || text[i] == separator) {
                parts.add(Arrays.copyOfRange(text, start, i));
                start = i + 1;
            }
        }
        return parts;
    }

    /** The parts that end in a NUL each; what stands behind the last one is none. */
    public static List<byte[]> strings(byte[] text) {
        List<byte[]> parts = split(text, '\0');
        return parts.subList(0, parts.size() - 1);
    }

    /** Turns {@code \040} and its like back into bytes (mangle_path of fs/seq_file.c). */
    public static byte[] unescape(byte[] field) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(field.length);
        for (int i = 0; i < field.length; i++) {
            int value = field[i] == '\\' ? octal(field, i + 1) : -1;
            if (value >= 0) {
                out.write(value);
                i += 3;
            } else {
                out.write(field[i]);
            }
        }
        return out.toByteArray();
    }

    private static int octal(byte[] field, int from) {
        if (from + 3 > field.length) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < from + 3; i++) {
            if (field[i] < '0' || field[i] > '7') {
                return -1;
            }
            value = value * 8 + field[i] - '0';
        }
        return value <= 0xff ? value : -1;
    }
}
