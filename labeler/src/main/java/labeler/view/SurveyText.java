package labeler.view;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import labeler.survey.Flaw;
import labeler.survey.FlawKind;
import labeler.survey.Looked;
import labeler.survey.Severity;
import labeler.survey.Survey;
import labeler.survey.Unseen;
import labeler.survey.VmIdentity;
import labeler.view.Terminal.Style;

/** A survey for people: the worst first, each kind under its heading, the sum at the end. */
public final class SurveyText {
    /** The most of one kind. More of them are counted: nobody reads a hundred. */
    private static final int MOST_SHOWN = 10;

    private static final int MOST_VMS = 4;

    private final Terminal terminal;

    public SurveyText(Terminal terminal) {
        this.terminal = terminal;
    }

    public void print(Survey survey) {
        groups(survey.findings()).forEach((group, flaws) -> {
            terminal.print(mark(group.severity()) + "  " + group.kind().title());
            said(flaws.stream().limit(MOST_SHOWN).toList()).forEach(this::print);
            if (flaws.size() > MOST_SHOWN) {
                terminal.print("    and " + (flaws.size() - MOST_SHOWN) + " more; --json has all of them");
            }
            terminal.print("");
        });
        if (!survey.unseen().isEmpty()) {
            terminal.print(terminal.styled(Style.DIM, "not looked at"));
            survey.unseen().stream()
                    .limit(MOST_SHOWN)
                    .forEach(one -> terminal.print("    " + Terminal.safe(text(one))));
            if (survey.unseen().size() > MOST_SHOWN) {
                terminal.print("    and " + (survey.unseen().size() - MOST_SHOWN) + " more; --json has all of them");
            }
            terminal.print("");
        }
        terminal.print(summary(survey, "above"));
    }

    private static String text(Unseen one) {
        return one.what() + ": " + one.why();
    }

    /** Flaws of one kind and severity. */
    record Group(Severity severity, FlawKind kind) {}

    /** In their order. */
    static Map<Group, List<Flaw>> groups(List<Flaw> flaws) {
        return flaws.stream()
                .collect(Collectors.groupingBy(
                        flaw -> new Group(flaw.severity(), flaw.kind()), LinkedHashMap::new, Collectors.toList()));
    }

    /** The words said of several flaws. */
    private record Said(String harm, String remedy) {}

    /** Said once, where it is the same. */
    private static Map<Said, List<Flaw>> said(List<Flaw> flaws) {
        return flaws.stream()
                .collect(Collectors.groupingBy(
                        flaw -> new Said(flaw.harm(), flaw.remedy()), LinkedHashMap::new, Collectors.toList()));
    }

    private void print(Said said, List<Flaw> flaws) {
        flaws.forEach(flaw -> terminal.print("    " + Terminal.safe(subject(flaw))));
        terminal.print("        " + Terminal.safe(said.harm()));
        terminal.print("        → " + Terminal.safe(said.remedy()));
    }

    /** The subject of a flaw: the file and who has it. */
    static String subject(Flaw flaw) {
        String names = flaw.vms().stream().limit(MOST_VMS).map(VmIdentity::text).collect(Collectors.joining(", "))
                + (flaw.vms().size() > MOST_VMS ? " and " + (flaw.vms().size() - MOST_VMS) + " more" : "");
        String file = flaw.file().map(Object::toString).orElse("");
        return file.isEmpty()
                ? (names.isEmpty() ? "this host" : names)
                : names.isEmpty() ? file : file + ", of " + names;
    }

    private String mark(Severity severity) {
        String word = severity.word().toUpperCase(Locale.ROOT);
        return switch (severity) {
            case DANGER -> terminal.styled(Style.WARNING, word);
            case WARNING -> terminal.styled(Style.BOLD, word);
            case NOTICE -> terminal.styled(Style.DIM, word);
        };
    }

    /**
     * One line.
     *
     * @param where what could not be looked at stands, in a word
     */
    static String summary(Survey survey, String where) {
        Looked looked = survey.looked();
        String found = survey.findings().isEmpty()
                ? "nothing unsafe found"
                : count(survey.count(Severity.DANGER), "danger") + ", "
                        + count(survey.count(Severity.WARNING), "warning") + ", "
                        + count(survey.count(Severity.NOTICE), "notice");
        return found + "; looked at " + count(looked.running(), "VM that runs", "VMs that run") + ", "
                + looked.defined() + " that " + (looked.defined() == 1 ? "does" : "do") + " not, "
                + count(looked.files(), "file") + " in directories, of which "
                + count(looked.images(), "is an image", "are images")
                + (survey.complete() ? "" : "; not everything: see " + where);
    }

    private static String count(long number, String one) {
        return count(number, one, one + "s");
    }

    private static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
