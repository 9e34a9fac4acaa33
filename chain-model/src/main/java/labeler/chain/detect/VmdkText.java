package labeler.chain.detect;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The text form of a VMDK descriptor, as {@code vmdk_probe} in qemu's block/vmdk.c recognises it. */
final class VmdkText {
    private static final Set<String> FIRST_SETTINGS = Set.of("version=1", "version=2", "version=3");

    private VmdkText() {}

    /** Comment lines and lines of spaces, then the version, alone on its line. */
    static boolean startsDescriptor(ByteBuffer start) {
        int position = 0;
        while (position < start.limit()) {
            int end = endOfLine(start, position);
            String line = line(start, position, end);
            if (!line.startsWith("#") && !isSpaces(line)) {
                // The line must be ended: the last line of these bytes may go on beyond them.
                return end < start.limit() && FIRST_SETTINGS.contains(line);
            }
            position = end + 1;
        }
        return false;
    }

    private static boolean isSpaces(String line) {
        return !line.isEmpty() && line.chars().allMatch(c -> c == ' ');
    }

    private static int endOfLine(ByteBuffer start, int from) {
        int end = from;
        while (end < start.limit() && start.get(end) != '\n') {
            end++;
        }
        return end;
    }

    private static String line(ByteBuffer start, int from, int end) {
        byte[] bytes = new byte[end - from];
        start.get(from, bytes);
        String line = new String(bytes, StandardCharsets.ISO_8859_1);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
}
