package labeler.arrows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A reader sees a file whole, and finds it in its folder: no file is long, and no folder is crowded. */
class SizesTest {
    private static final int MOST_LINES = 400;
    private static final int MOST_FILES = 30;

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> SOURCES =
            List.of("chain-model", "dev.d", "labeler", "native-bindings", "selinux-policy", "vagrant");

    private static final Pattern PROGRAM = Pattern.compile(".*\\.(java|sh|bash|c|h|py|js|mjs|ts|tsx|css|cil|awk)");

    private static final Pattern MADE = Pattern.compile("target|node_modules|\\..*");

    /** Folders that may have more, each with its reason. */
    private static final Map<String, String> CROWDED = Map.of(
            "dev.d", "a file each command and each measurement, found by its name",
            "native-bindings/src/main/java/labeler/linux", "one facade of the kernel",
            "native-bindings/src/main/java/labeler/linux/jna", "the one way to do what the facade says",
            "labeler/src/test/java/labeler/it", "a class for each promise of the whole program, found by its name",
            "labeler/src/test/java/labeler/guard/judge", "one class a rule or flow",
            "labeler/src/test/java/labeler/lifecycle", "one class a step of a VM's life",
            "labeler/src/test/java/labeler/registry/etcd",
                    "one class an invariant or a fault, with the hosts they need",
            "vagrant/acceptance", "one script a theme, in the order of their numbers");

    @Test
    void no_file_is_long() throws IOException {
        Map<String, Long> lines = new TreeMap<>();
        for (Path file : programs()) {
            try (Stream<String> all = Files.lines(file)) {
                lines.put(ROOT.relativize(file).toString(), all.count());
            }
        }
        assertThat(lines)
                .isNotEmpty()
                .allSatisfy((file, count) -> assertThat(count).as(file).isLessThanOrEqualTo(MOST_LINES));
    }

    @Test
    void no_folder_is_crowded_without_a_reason() throws IOException {
        Map<String, Integer> files = new TreeMap<>();
        for (Path file : programs()) {
            if (!file.endsWith("package-info.java")) {
                files.merge(ROOT.relativize(file.getParent()).toString(), 1, Integer::sum);
            }
        }
        Map<String, Integer> crowded = new TreeMap<>(files);
        crowded.values().removeIf(count -> count <= MOST_FILES);
        assertThat(crowded).containsOnlyKeys(CROWDED.keySet());
    }

    private static List<Path> programs() throws IOException {
        List<Path> programs = new ArrayList<>();
        for (String source : SOURCES) {
            add(ROOT.resolve(source), programs);
        }
        return programs;
    }

    private static void add(Path directory, List<Path> programs) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry)) {
                    if (!MADE.matcher(name).matches()) {
                        add(entry, programs);
                    }
                } else if (PROGRAM.matcher(name).matches()) {
                    programs.add(entry);
                }
            }
        }
    }
}
