package labeler.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.KernelText;

/**
 * The arguments in the bytes in which the shell gave them. The JVM decodes them by the locale and loses what does not
 * fit, all but ASCII under {@code LC_ALL=C}; the kernel still has them (/proc/self/cmdline, proc_pid_cmdline(5)).
 *
 * <p>Between here and the commands a byte travels as one character (ISO 8859-1), which loses nothing: {@link #bytes}.
 */
public final class RawArguments {
    /** What a decoder puts in the place of bytes that it does not understand. */
    private static final int REPLACEMENT = 0xFFFD;

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private RawArguments() {}

    /** The same arguments, one character a byte; empty where one cannot be had as it was given. */
    public static Optional<String[]> of(String[] decoded) {
        try {
            return of(decoded, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException e) {
            return encoded(decoded);
        }
    }

    /**
     * Takes the last of the process's arguments, if they are these.
     *
     * @param commandLine every argument ended by a NUL, the JVM's first
     */
    static Optional<String[]> of(String[] decoded, byte[] commandLine) {
        List<String> all =
                KernelText.strings(commandLine).stream().map(RawArguments::raw).toList();
        if (all.size() < decoded.length) {
            return encoded(decoded);
        }
        List<String> last = all.subList(all.size() - decoded.length, all.size());
        for (int i = 0; i < decoded.length; i++) {
            if (isAscii(decoded[i]) && !decoded[i].equals(last.get(i))) {
                return encoded(decoded);
            }
        }
        return Optional.of(last.toArray(String[]::new));
    }

    /**
     * What the JVM made of them, for a run in which the kernel's view differs (an embedding program). What it could not
     * decode is lost: it stands as U+FFFD, or as half of a surrogate pair.
     */
    private static Optional<String[]> encoded(String[] decoded) {
        String[] raw = new String[decoded.length];
        for (int i = 0; i < raw.length; i++) {
            if (decoded[i]
                    .codePoints()
                    .anyMatch(c -> c == REPLACEMENT || Character.getType(c) == Character.SURROGATE)) {
                return Optional.empty();
            }
            raw[i] = raw(decoded[i].getBytes(StandardCharsets.UTF_8));
        }
        return Optional.of(raw);
    }

    /** What to say where there are none. */
    public static final String UNDECODABLE =
            "an argument is not text in this locale's encoding, and /proc/self/cmdline does not have its bytes;"
                    + " start the program as a process of its own, or under LC_ALL=C.UTF-8";

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    /** Bytes as an argument is: one character each. */
    public static String raw(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** The bytes of an argument. */
    public static byte[] bytes(String raw) {
        return raw.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** For messages: as UTF-8 where it is, escaped where it is not. */
    public static String printable(String raw) {
        return HostPath.parse(bytes(raw)).map(HostPath::printable).orElse("");
    }
}
