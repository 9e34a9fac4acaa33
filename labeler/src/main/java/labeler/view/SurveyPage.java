package labeler.view;

import java.util.List;
import java.util.Map;
import labeler.survey.Flaw;
import labeler.survey.Severity;
import labeler.survey.Survey;
import labeler.survey.Unseen;

/**
 * A survey as one HTML page. It has no script and needs nothing from elsewhere, and whatever comes from the host is text:
 * names of files and VMs are other people's.
 */
public final class SurveyPage {
    /** A browser that knows this loads and runs nothing, whatever the page may have in it. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

    /** On a narrow page each row is a card; the roles keep it a table for screen readers. */
    private static final String STYLE = """
            :root { color-scheme: light dark; --line: #8888; --danger: #b00020; --warning: #8a5a00; }
            @media (prefers-color-scheme: dark) { :root { --danger: #ff8a80; --warning: #ffc066; } }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
            .danger { color: var(--danger); } .warning { color: var(--warning); }
            table { border-collapse: collapse; width: 100%; table-layout: fixed; }
            th:first-child { width: 28%; }
            th, td { border-top: 1px solid var(--line); padding: .5rem; text-align: start; vertical-align: top;
              overflow-wrap: anywhere; }
            td:last-child { font-family: ui-monospace, monospace; font-size: .85rem; }
            @media (max-width: 40rem) {
              table, tbody, tr, td { display: block; }
              thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
              tr { border-top: 2px solid var(--line); padding: .5rem 0; }
              td { border: 0; padding: .2rem 0; }
              td::before { content: attr(data-head) ": "; font-weight: bold; font-family: system-ui, sans-serif; }
            }
            """;

    private SurveyPage() {}

    /**
     * The page.
     *
     * @param of the host and the time, in words
     */
    public static String of(Survey survey, String of) {
        StringBuilder page = new StringBuilder();
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"")
                .append(POLICY)
                .append("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta name=\"referrer\" content=\"no-referrer\">\n<title>Survey: ")
                .append(text(of))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<main>\n<h1>Survey of ")
                .append(text(of))
                .append("</h1>\n<p>")
                .append(text(SurveyText.summary(survey, "below")))
                .append(".</p>\n");
        for (Map.Entry<SurveyText.Group, List<Flaw>> group :
                SurveyText.groups(survey.findings()).entrySet()) {
            append(page, group.getKey(), group.getValue());
        }
        append(page, survey.unseen());
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static void append(StringBuilder page, SurveyText.Group group, List<Flaw> flaws) {
        page.append("<h2 class=\"").append(group.severity().word()).append("\">");
        page.append(text(heading(group.severity()) + ": " + group.kind().title()))
                .append("</h2>\n");
        table(
                page,
                List.of("Where", "What can happen", "What to do"),
                group.kind().title());
        for (Flaw flaw : flaws) {
            row(
                    page,
                    List.of(
                            Map.entry("Where", SurveyText.subject(flaw)),
                            Map.entry("What can happen", flaw.harm()),
                            Map.entry("What to do", flaw.remedy())));
        }
        page.append("</tbody>\n</table>\n");
    }

    private static String heading(Severity severity) {
        return switch (severity) {
            case DANGER -> "Danger";
            case WARNING -> "Warning";
            case NOTICE -> "Notice";
        };
    }

    private static void append(StringBuilder page, List<Unseen> unseen) {
        if (unseen.isEmpty()) {
            return;
        }
        page.append("<h2>Not looked at</h2>\n");
        table(page, List.of("What", "Why"), "Not looked at");
        unseen.forEach(one -> row(page, List.of(Map.entry("What", one.what()), Map.entry("Why", one.why()))));
        page.append("</tbody>\n</table>\n");
    }

    private static void table(StringBuilder page, List<String> heads, String label) {
        page.append("<table role=\"table\" aria-label=\"").append(text(label)).append("\">\n<thead role=\"rowgroup\">");
        page.append("<tr role=\"row\">");
        heads.forEach(head -> page.append("<th role=\"columnheader\" scope=\"col\">")
                .append(text(head))
                .append("</th>"));
        page.append("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    }

    private static void row(StringBuilder page, List<Map.Entry<String, String>> cells) {
        page.append("<tr role=\"row\">");
        cells.forEach(cell -> page.append("<td role=\"cell\" data-head=\"")
                .append(text(cell.getKey()))
                .append("\">")
                .append(text(cell.getValue()))
                .append("</td>"));
        page.append("</tr>\n");
    }

    /** Text that a browser shows as it is: no markup, nothing that hides or turns other text. */
    private static String text(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (char c : Terminal.safe(text).toCharArray()) {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }
}
