package labeler.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of {@code ./dev iotests} says of each of qemu's own tests with a monitor how it ends behind the guard. */
class QemuTestsuiteListTest {
    /** A VM, a storage daemon, or a monitor of qemu's or its daemon's. */
    private static final Pattern MONITOR = Pattern.compile("\\bVM\\(|\\bQMPTestCase\\b|\\bQemuStorageDaemon\\b"
            + "|\\bvm\\.(?:cmd|qmp)\\b|\\bcommon\\.qemu\\b|\\s--?(?:qmp|monitor|mon)\\b");

    private static final Pattern LINE =
            Pattern.compile("\\S+ +(?:pass|(?:unguarded|absent|refused RULE(?:,RULE)*) \\S.*)"
                    .replace("RULE", "(?:START|[NSC][0-9]+)"));

    private static List<String> lines() throws IOException {
        return lines("tests.txt");
    }

    private static List<String> lines(String name) throws IOException {
        try (InputStream list = Objects.requireNonNull(
                QemuTestsuiteListTest.class.getResourceAsStream("/labeler/guard/iotests/" + name))) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    /** The test of a line, without its format. */
    private static String test(String line) {
        return line.split("[ @]", 2)[0];
    }

    /** Numbered tests, and those with names. The names of others have a dot. */
    private static List<Path> tests(Path directory) throws IOException {
        try (Stream<Path> numbered = Files.list(directory);
                Stream<Path> named = Files.list(directory.resolve("tests"))) {
            return Stream.concat(
                            numbered.filter(
                                    file -> file.getFileName().toString().matches("[0-9]{3}")),
                            named.filter(file -> !file.getFileName().toString().contains(".")))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    private static boolean hasMonitor(Path test) throws IOException {
        return MONITOR.matcher(Files.readString(test, StandardCharsets.ISO_8859_1))
                .find();
    }

    @Test
    void each_test_with_a_monitor_has_a_line() throws IOException {
        List<String> listed = lines().stream().map(QemuTestsuiteListTest::test).toList();
        TreeSet<String> all = new TreeSet<>();
        TreeSet<String> unlisted = new TreeSet<>();
        for (Path test : tests(QemuTestsuite.fetched().tests())) {
            String name = test.getFileName().toString();
            all.add(name);
            if (hasMonitor(test) && !listed.contains(name)) {
                unlisted.add(name);
            }
        }

        assertThat(all).hasSizeGreaterThan(100);
        assertThat(unlisted).isEmpty();
        assertThat(listed).doesNotHaveDuplicates().isSubsetOf(all);
    }

    @Test
    void each_case_is_one_of_a_refused_test() throws IOException {
        List<String> refused = lines().stream()
                .filter(line -> line.matches("\\S+ +refused .*"))
                .map(line -> line.split(" ", 2)[0])
                .toList();
        assertThat(lines("cases.txt"))
                .isNotEmpty()
                .doesNotHaveDuplicates()
                .allMatch(line -> line.matches("\\S+ \\S+") && refused.contains(line.split(" ", 2)[0]));
    }

    @Test
    void each_line_has_an_end_and_its_reason() throws IOException {
        assertThat(lines()).allMatch(line -> LINE.matcher(line).matches());
    }
}
