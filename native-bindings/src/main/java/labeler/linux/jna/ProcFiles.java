package labeler.linux.jna;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** Parses small files of procfs. */
final class ProcFiles {
    private static final int START_TIME_AFTER_NAME = 19;

    private ProcFiles() {}

    /** The start time in /proc/PID/stat, field 22; empty if the text is not such a file's. */
    static OptionalLong startTime(byte[] stat) {
        String text = new String(stat, StandardCharsets.ISO_8859_1);
        // The name in field 2 may have spaces and parentheses itself; no later field has any.
        int nameEnd = text.lastIndexOf(')');
        if (nameEnd < 0 || nameEnd + 2 > text.length()) {
            return OptionalLong.empty();
        }
        String[] fields = text.substring(nameEnd + 2).strip().split(" ", -1);
        if (fields.length <= START_TIME_AFTER_NAME) {
            return OptionalLong.empty();
        }
        String time = fields[START_TIME_AFTER_NAME];
        return time.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(time)) : OptionalLong.empty();
    }

    /** A context without the NUL (SELinux) or newline (AppArmor) that may end it; empty if nothing is left. */
    static Optional<byte[]> context(byte[] value) {
        int length = value.length;
        while (length > 0 && (value[length - 1] == 0 || value[length - 1] == '\n')) {
            length--;
        }
        return length == 0 ? Optional.empty() : Optional.of(Arrays.copyOf(value, length));
    }
}
