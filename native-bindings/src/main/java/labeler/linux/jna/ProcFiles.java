package labeler.linux.jna;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** Small files of procfs, read in plain Java: no JNA is loaded for them. */
final class ProcFiles {
    /** Larger than any that is read here: stat, attr/current (a context is at most a page), boot_id. */
    private static final int MAXIMUM_SIZE = 8192;

    private static final int START_TIME_AFTER_NAME = 19;

    private ProcFiles() {}

    /** The file's bytes; empty if the process is gone, the kernel refuses, or there is no such file. */
    static Optional<byte[]> read(String path) {
        try (FileInputStream in = new FileInputStream(path)) {
            return Optional.of(in.readNBytes(MAXIMUM_SIZE));
        } catch (IOException e) {
            // ENOENT and ESRCH: the process ended. EINVAL: no security module. Each means that there is no answer.
            return Optional.empty();
        }
    }

    /** The start time in /proc/PID/stat, field 22; empty for a zombie, whose resources are gone already. */
    static OptionalLong startTime(byte[] stat) {
        String text = new String(stat, StandardCharsets.ISO_8859_1);
        // The name in field 2 may hold spaces and parentheses itself; nothing after it holds any.
        int nameEnd = text.lastIndexOf(')');
        if (nameEnd < 0 || nameEnd + 2 > text.length()) {
            return OptionalLong.empty();
        }
        String[] fields = text.substring(nameEnd + 2).strip().split(" ", -1);
        if (fields.length <= START_TIME_AFTER_NAME || fields[0].equals("Z") || fields[0].equals("X")) {
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
