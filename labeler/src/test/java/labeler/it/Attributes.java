package labeler.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Extended attributes from getfattr(1), which shares no code with the product. */
final class Attributes {
    private static final String SELINUX = "security.selinux";

    private Attributes() {}

    /** All attributes of all files of a tree, values in hexadecimal; a file without any does not appear. */
    static SortedMap<String, SortedMap<String, String>> of(Path tree) throws IOException {
        String text =
                Command.done("getfattr", "-R", "-h", "-d", "-m", "-", "-e", "hex", "--absolute-names", tree.toString());
        SortedMap<String, SortedMap<String, String>> files = new TreeMap<>();
        String file = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("# file: ")) {
                file = line.substring("# file: ".length());
            } else if (line.contains("=")) {
                int equals = line.indexOf('=');
                files.computeIfAbsent(file, _ -> new TreeMap<>())
                        .put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return files;
    }

    /** A file's label without the NUL at its end, or empty. */
    static Optional<String> label(Path file) throws IOException {
        return Optional.ofNullable(of(file).get(file.toString())).flatMap(Attributes::label);
    }

    /** The label among the attributes of a file. */
    static Optional<String> label(SortedMap<String, String> attributes) {
        return Optional.ofNullable(attributes.get(SELINUX))
                .map(hex -> new String(HexFormat.of().parseHex(hex.substring(2)), StandardCharsets.UTF_8))
                .map(text -> text.endsWith("\0") ? text.substring(0, text.length() - 1) : text);
    }

    /** Sets a label with the NUL at its end, as SELinux stores it. */
    static void label(Path file, String label) throws IOException {
        String hex = HexFormat.of().formatHex((label + "\0").getBytes(StandardCharsets.UTF_8));
        Command.done("setfattr", "-h", "-n", SELINUX, "-v", "0x" + hex, file.toString());
    }

    static void removeLabel(Path file) throws IOException {
        Command.done("setfattr", "-h", "-x", SELINUX, file.toString());
    }
}
