package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/cves.md names a test for each vulnerability; one that is renamed or removed must not leave it with a promise. */
class KnownVulnerabilitiesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern TEST = Pattern.compile("`([a-z0-9]+(?:_[a-z0-9]+){2,})`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| .*[0-9].*\\|$");

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String tests() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String module : List.of("chain-model", "labeler")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .map(KnownVulnerabilitiesTest::read)
                        .forEach(all::append);
            }
        }
        return all.toString();
    }

    @Test
    void each_has_a_test_and_each_test_is_there() throws IOException {
        String document = read(ROOT.resolve("docs/cves.md"));
        List<String> rows =
                ROW.matcher(document).results().map(MatchResult::group).toList();
        assertThat(rows)
                .hasSizeGreaterThan(13)
                .allSatisfy(row -> assertThat(row).containsPattern(TEST));
        String tests = tests();
        assertThat(TEST.matcher(document).results().map(result -> result.group(1)))
                .allSatisfy(test -> assertThat(tests).contains("void " + test + "("));
    }
}
