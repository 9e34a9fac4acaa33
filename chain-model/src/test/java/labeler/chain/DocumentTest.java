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

/** A document whose rows name tests: if a test is renamed or removed, the document must not keep its name. */
abstract class DocumentTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern TEST = Pattern.compile("`([a-z0-9]+(?:_[a-z0-9]+){2,})`");

    /** A row of a table, with a number in it. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| .*[0-9].*\\|$");

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String document(String name) {
        return read(ROOT.resolve("docs").resolve(name));
    }

    static List<String> rows(String document) {
        return ROW.matcher(document).results().map(MatchResult::group).toList();
    }

    private static String tests() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String module : List.of("native-bindings", "chain-model", "labeler")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .map(DocumentTest::read)
                        .forEach(all::append);
            }
        }
        return all.toString();
    }

    static void assertEachRowHasATestThatIsThere(String document) throws IOException {
        assertThat(rows(document))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row).containsPattern(TEST));
        String tests = tests();
        assertThat(TEST.matcher(document).results().map(result -> result.group(1)))
                .allSatisfy(test -> assertThat(tests).contains("void " + test + "("));
    }
}
