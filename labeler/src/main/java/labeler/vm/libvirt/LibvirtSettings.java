package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings of libvirt's driver for qemu that decide which files qemu opens.
 *
 * @param values texts and numbers by their keys; lists of several are left out
 */
record LibvirtSettings(Map<String, String> values) {
    /** libvirt's file as it is installed has 50 kB, almost all of them comments. */
    private static final int MAXIMUM_BYTES = 1 << 20;

    /** {@code key = "text"}, a list of one, or a number. Each key stands on a line of its own. */
    private static final Pattern LINE = Pattern.compile("\\s*([a-z0-9_]{1,64})\\s*=\\s*"
            + "(?:\\[\\s*\"([^\"]*)\"\\s*]|\"([^\"]*)\"|'([^']*)'|([0-9]{1,9}))\\s*(?:#.*)?");

    LibvirtSettings {
        values = Map.copyOf(values);
    }

    /** The last value of a key counts. Lines that are no setting are passed over: libvirt itself would not start. */
    static LibvirtSettings of(Optional<byte[]> file) {
        Map<String, String> values = new HashMap<>();
        file.filter(bytes -> bytes.length <= MAXIMUM_BYTES)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .ifPresent(text -> text.lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(LINE::matcher)
                        .filter(Matcher::matches)
                        .forEach(line -> values.put(line.group(1), value(line))));
        return new LibvirtSettings(values);
    }

    private static String value(Matcher line) {
        for (int group = 2; group < 5; group++) {
            if (line.group(group) != null) {
                return line.group(group);
            }
        }
        return line.group(5);
    }

    boolean isOn(String key) {
        return "1".equals(values.get(key));
    }

    /** A setting with a text; an empty one is as good as none. */
    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).filter(text -> !text.isEmpty());
    }

    /** The directory below which libvirt makes a directory of files for a VM's memory. */
    String memoryDirectory() {
        return text("memory_backing_dir")
                .map(directory -> directory + "/libvirt/qemu")
                .orElse("/var/lib/libvirt/qemu/ram");
    }
}
