package labeler.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The administrator's values of our booleans while the module is away. libsemanage forgets them when it removes the module,
 * and a removal may be half of a change to another package of this program.
 */
record KeptBooleans(PolicyTarget target) {
    /** One {@code name=0|1} a line, as in libsemanage's file. */
    private Path file() {
        return target.at("/etc/labeler/policy-booleans");
    }

    /** The values from before the last removal, if they were not taken back. */
    Map<String, Boolean> values() throws IOException {
        return Files.exists(file()) ? BooleanLines.read(Files.readAllLines(file())) : Map.of();
    }

    /** Before the module goes. What an installation that failed has not taken back stays. */
    void keep(Map<String, Boolean> stored) throws IOException {
        Map<String, Boolean> all = new LinkedHashMap<>(values());
        all.putAll(stored);
        if (all.equals(values())) {
            return;
        }
        try {
            Files.createDirectories(file().getParent());
            BooleanLines.replace(file(), BooleanLines.write(all));
        } catch (IOException e) {
            throw new IOException(
                    file() + ": the values of the module's booleans cannot be kept there (" + e + "); the module stays",
                    e);
        }
    }

    /** Once they are in the policy again. */
    void forget() throws IOException {
        Files.deleteIfExists(file());
    }
}
