package labeler.guard.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page has the rules and the table of the program, and what to do about each refusal. {@code -Dlabeler.write-documents=true} updates it. */
class GuardPageTest {
    private static final Path PAGE =
            Path.of("../docs/guard.md").toAbsolutePath().normalize();
    private static final Path TABLE = Path.of("src/main/resources/labeler/guard/table/qmp-roles.txt");

    @Test
    void the_page_has_the_rules_and_the_table_of_the_program() throws IOException {
        String page = Files.readString(PAGE);
        String renewed = between(
                between(page, "<!-- rules -->", "<!-- end of rules -->", rules()),
                "<!-- table -->",
                "<!-- end of table -->",
                "```\n" + table() + "```\n");
        if (Boolean.getBoolean("labeler.write-documents")) {
            Files.writeString(PAGE, renewed);
        } else {
            assertThat(page)
                    .as("docs/guard.md; ./dev test -Dtest=GuardPageTest -Dlabeler.write-documents=true renews it")
                    .isEqualTo(renewed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"### What is judged", "## If a command is refused"})
    void each_rule_has_a_row_that_says_what_is_judged_and_what_to_do(String heading) throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(heading);
        String section = page.substring(from, page.indexOf("\n## ", from));

        assertThat(section.lines()
                        .filter(line -> line.matches("\\| [NSC]\\d+ \\|.*"))
                        .map(line -> line.split(" ", 3)[1]))
                .containsExactlyElementsOf(
                        Arrays.stream(Rule.values()).map(Rule::name).toList());
    }

    private static String between(String page, String begin, String end, String content) {
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(end);
        assertThat(to).as(end).isGreaterThanOrEqualTo(from);
        return page.substring(0, from) + "\n" + content + page.substring(to);
    }

    private static String rules() {
        return Arrays.stream(Rule.values())
                .map(rule -> "| " + rule + " | " + rule.text() + " |\n")
                .collect(Collectors.joining("", "| Rule | Refused unless |\n|---|---|\n", ""));
    }

    /** The table without its remarks. */
    private static String table() throws IOException {
        List<String> lines = Files.readAllLines(TABLE);
        return lines.stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
