package labeler.openfiles;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import labeler.linux.Access;

/**
 * The content of /proc/PID/fdinfo/N that every descriptor has (proc_pid_fdinfo(5)).
 *
 * @param flags current flags of open(2)
 * @param inode the file's number within its file system; empty before Linux 5.14
 */
record FdInfo(int flags, long mountId, Optional<Long> inode) {
    private static final int ACCESS = 03;
    private static final int WRITE_ONLY = 01;

    /** {@code O_PATH}: a descriptor for neither reading nor writing. */
    private static final int PATH = 010000000;

    private static final int OCTAL = 8;
    private static final int DECIMAL = 10;

    /** The parsed text; empty if no kernel writes such a text. */
    static Optional<FdInfo> parse(String text) {
        Map<String, String> fields = new HashMap<>();
        text.lines()
                .map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2)
                .forEach(parts -> fields.put(parts[0], parts[1].strip()));
        Optional<Long> flags = number(fields, "flags", OCTAL);
        Optional<Long> mount = number(fields, "mnt_id", DECIMAL);
        return flags.isEmpty() || mount.isEmpty()
                ? Optional.empty()
                : Optional.of(new FdInfo(flags.get().intValue(), mount.get(), number(fields, "ino", DECIMAL)));
    }

    private static Optional<Long> number(Map<String, String> fields, String name, int radix) {
        try {
            return Optional.ofNullable(fields.get(name)).map(text -> Long.parseUnsignedLong(text, radix));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * How the file is open; empty if the descriptor can neither read nor write.
     *
     * @param directFlag this architecture's {@code O_DIRECT}
     */
    Optional<OpenMode> mode(int directFlag) {
        if ((flags & PATH) != 0) {
            return Optional.empty();
        }
        // 3 allows ioctl(2) only, with the rights of both.
        Access access = switch (flags & ACCESS) {
            case 0 -> Access.READ_ONLY;
            case WRITE_ONLY -> Access.WRITE_ONLY;
            default -> Access.READ_WRITE;
        };
        return Optional.of(new OpenMode(access, (flags & directFlag) != 0));
    }
}
