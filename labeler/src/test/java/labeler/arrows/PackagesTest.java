package labeler.arrows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who looks for the place of new code reads the pages of packages: each says what does not belong there. */
class PackagesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> SOURCES =
            List.of("chain-model/src/main/java", "native-bindings/src/main/java", "labeler/src/main/java");

    private static final Pattern LIMIT = Pattern.compile("(?i)\\b(?:nothing|not|no|nobody)\\b");

    @Test
    void the_page_of_a_package_says_what_may_not_live_there() throws IOException {
        Map<String, String> pages = new TreeMap<>();
        for (String source : SOURCES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(source))) {
                for (Path file : files.filter(found -> found.endsWith("package-info.java"))
                        .toList()) {
                    pages.put(ROOT.relativize(file).toString(), Files.readString(file));
                }
            }
        }
        assertThat(pages)
                .hasSizeGreaterThan(SOURCES.size())
                .allSatisfy((file, page) -> assertThat(page).as(file).containsPattern(LIMIT));
    }
}
