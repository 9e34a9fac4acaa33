package labeler.linux;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). The user who mounts chooses the names of mount points and
 * sources. So an invalid line is left out, and no line affects another.
 */
public final class MountInfo {
    private static final int PARENT = 1;
    private static final int DEVICE = 2;
    private static final int ROOT = 3;
    private static final int MOUNT_POINT = 4;
    private static final int OPTIONS = 5;
    private static final int FIRST_OPTIONAL = 6;
    private static final byte[] SEPARATOR = {'-'};

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    /** The kernel's own have 12 and 20 bits. */
    private static final Pattern DEVICE_NUMBERS = Pattern.compile("([0-9]{1,9}):([0-9]{1,9})");

    private MountInfo() {}

    /** The mounts by their ids, in the order of the text: a mount on top of another comes after it. */
    public static Map<Long, Mount> parse(byte[] text) {
        Map<Long, Mount> mounts = new LinkedHashMap<>();
        for (byte[] line : KernelText.split(text, '\n')) {
            line(line).ifPresent(mount -> mounts.put(mount.id(), mount));
        }
        return mounts;
    }

    /** {@code id parent major:minor root point options [optional…] - type source options}. */
    private static Optional<Mount> line(byte[] line) {
        List<byte[]> fields = KernelText.split(line, ' ');
        int separator = FIRST_OPTIONAL;
        while (separator < fields.size() && !Arrays.equals(fields.get(separator), SEPARATOR)) {
            separator++;
        }
        if (separator + 3 >= fields.size()) {
            return Optional.empty();
        }
        String id = text(fields.get(0));
        String parent = text(fields.get(PARENT));
        Optional<HostPath> point = HostPath.parse(KernelText.unescape(fields.get(MOUNT_POINT)));
        Matcher device = DEVICE_NUMBERS.matcher(text(fields.get(DEVICE)));
        if (!NUMBER.matcher(id).matches()
                || !NUMBER.matcher(parent).matches()
                || point.isEmpty()
                || !device.matches()) {
            return Optional.empty();
        }
        return Optional.of(new Mount(
                Long.parseLong(id),
                Long.parseLong(parent),
                DeviceNumber.of(Integer.parseInt(device.group(1)), Integer.parseInt(device.group(2))),
                // Those of a namespace's files are no names of directories.
                HostPath.parse(KernelText.unescape(fields.get(ROOT)))
                        .filter(HostPath::isAbsolute)
                        .orElse(HostPath.of("/")),
                point.get(),
                text(KernelText.unescape(fields.get(separator + 1))),
                text(KernelText.unescape(fields.get(separator + 2))),
                options(fields.get(OPTIONS)),
                options(fields.get(separator + 3))));
    }

    /** Options between commas; a comma inside quotes belongs to its option ({@code context="…:s0:c1,c2"}). */
    private static Set<String> options(byte[] field) {
        Set<String> options = new LinkedHashSet<>();
        String text = text(KernelText.unescape(field));
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || (text.charAt(i) == ',' && !quoted)) {
                if (i > start) {
                    options.add(text.substring(start, i));
                }
                start = i + 1;
            } else if (text.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
        return options;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
