package labeler.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values of booleans, one {@code name=0|1} a line. */
final class BooleanLines {
    private BooleanLines() {}

    /** Other lines say nothing. */
    static Map<String, Boolean> read(List<String> lines) {
        Map<String, Boolean> values = new LinkedHashMap<>();
        for (String line : lines) {
            String[] parts = line.strip().split("=", 2);
            if (parts.length == 2) {
                values.put(parts[0], parts[1].equals("1"));
            }
        }
        return values;
    }

    static List<String> write(Map<String, Boolean> values) {
        return values.entrySet().stream()
                .map(value -> value.getKey() + "=" + (value.getValue() ? "1" : "0"))
                .toList();
    }

    /** Replaces the file in one step: a full disk must not destroy the administrator's other values. */
    static void replace(Path file, List<String> lines) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(fresh, lines);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
