package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.survey.Flaw;
import labeler.survey.FlawKind;
import labeler.survey.Looked;
import labeler.survey.Severity;
import labeler.survey.Survey;
import labeler.survey.Unseen;
import labeler.survey.VmIdentity;
import org.junit.jupiter.api.Test;

/** A survey, as text and as a page: names from the host are text, and nothing else. */
class SurveyPageTest {
    private static final String HOSTILE = "<script>alert('x')</script>\"&\n\u202egnp.exe\u001b[2J";

    private static Survey survey(String name, int number) {
        List<Flaw> flaws = new ArrayList<>();
        for (int at = 0; at < number; at++) {
            flaws.add(new Flaw(
                    FlawKind.SHARED_IMAGE,
                    Severity.DANGER,
                    Optional.of(HostPath.of("/vm/" + at + name)),
                    List.of(new VmIdentity(Optional.of(name), Optional.of(new Pid(4711)))),
                    "harm " + name,
                    "remedy " + name));
        }
        return new Survey(false, false, new Looked(1, 2, 3, 4), flaws, List.of(new Unseen("what " + name, name)));
    }

    private static String text(Survey survey) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        new SurveyText(new Terminal(stream, stream, Colours.NONE)).print(survey);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void nothing_in_a_name_is_markup_or_turns_text() {
        String page = SurveyPage.of(survey(HOSTILE, 1), HOSTILE);

        assertThat(page)
                .doesNotContain("<script", "\u202e", "\u001b", "alert('x')")
                .contains("&lt;script&gt;");
        assertThat(page.lines()).noneMatch(line -> line.startsWith("gnp"));
    }

    @Test
    void the_page_needs_nothing_from_elsewhere_and_has_table_heads() {
        String page = SurveyPage.of(survey("web1", 1), "host");

        assertThat(page)
                .startsWith("<!DOCTYPE html>\n<html lang=\"en\">")
                .contains("default-src 'none'", "color-scheme: light dark", "scope=\"col\"", "name=\"viewport\"")
                .doesNotContain("http:", "https:", "url(", "src=", "href=", "@import");
        for (String element : List.of("html", "head", "body", "main", "table", "thead", "tbody", "tr", "td", "th")) {
            assertThat(page.split("<" + element + "[ >]", -1)).hasSameSizeAs(page.split("</" + element + ">", -1));
        }
    }

    @Test
    void the_text_is_short_says_the_same_once_and_ends_with_the_sum() {
        assertThat(text(survey("web1", 2))).isEqualTo("""
                DANGER  one image, several VMs
                    /vm/0web1, of web1 (process 4711)
                    /vm/1web1, of web1 (process 4711)
                        harm web1
                        → remedy web1

                not looked at
                    what web1: web1

                2 dangers, 0 warnings, 0 notices; looked at 1 VM that runs, 2 that do not, 3 files in directories, \
                of which 4 are images; not everything: see above
                """);
        assertThat(text(survey("web1", 500)).lines())
                .hasSizeLessThan(25)
                .contains("    and 490 more; --json has all of them");
    }

    @Test
    void nothing_in_a_name_reaches_a_terminal() {
        assertThat(text(survey(HOSTILE, 1))).doesNotContain("\u001b", "\u202e").contains("\\x1b[2J");
    }

    @Test
    void a_host_without_flaws_is_one_line() {
        assertThat(text(new Survey(true, true, new Looked(0, 0, 0, 0), List.of(), List.of())))
                .isEqualTo("nothing unsafe found; looked at 0 VMs that run, 0 that do not, 0 files in directories, of"
                        + " which 0 are images\n");
    }
}
