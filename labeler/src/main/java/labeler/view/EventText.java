package labeler.view;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import labeler.guard.record.AuditClient;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditFile;
import labeler.guard.record.AuditLine;
import labeler.guard.record.AuditTime;
import labeler.guard.record.HoldChange;
import labeler.guard.record.Outcome;
import labeler.guard.record.Result;
import labeler.registry.HostName;
import labeler.view.Terminal.Style;

/** Lines of the audit log for people, one line each. */
public final class EventText {
    private final Terminal terminal;

    public EventText(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Prints an event. */
    public void print(AuditLine line) {
        terminal.print(text(line));
    }

    /** The event on one line, safe on a terminal. */
    public String text(AuditLine line) {
        AuditEntry entry = line.entry();
        String head = Stream.of(
                        AuditTime.text(line.time()),
                        entry.vm().map(vm -> Terminal.safe(vm.value())).orElse("-"),
                        what(entry),
                        outcome(entry.result()),
                        entry.client().map(EventText::client).orElse(""))
                .filter(part -> !part.isEmpty())
                .collect(joining("  "));
        String tail = Stream.of(
                        entry.result().message().map(Terminal::safe).orElse(""),
                        list(
                                "files",
                                entry.files().stream().map(EventText::file).toList()),
                        list(
                                "hosts",
                                entry.hosts().stream().map(HostName::value).toList()),
                        list(
                                "holds",
                                entry.holds().stream().map(EventText::hold).toList()),
                        entry.result().milliseconds().map(time -> time + " ms").orElse(""),
                        entry.denial()
                                .filter(denial -> denial.count() > 1)
                                .map(denial -> denial.count() + " times")
                                .orElse(""))
                .filter(part -> !part.isEmpty())
                .collect(joining("; "));
        return tail.isEmpty() ? head : head + ": " + tail;
    }

    private static String what(AuditEntry entry) {
        return entry.command()
                .map(command -> "command " + command.number() + " " + Terminal.safe(command.name()))
                .orElse(word(entry.event())
                        + entry.denial()
                                .map(denial -> " (" + Terminal.safe(denial.reading()) + ")")
                                .orElse(""));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String outcome(Result result) {
        return result.outcome()
                .map(outcome -> {
                    String words = word(outcome)
                            + result.rule()
                                    .map(rule -> " " + Terminal.safe(rule))
                                    .orElse("");
                    return outcome == Outcome.ALLOWED ? words : terminal.styled(Style.WARNING, words);
                })
                .orElse("");
    }

    private static String client(AuditClient client) {
        return "pid " + client.pid() + " uid " + client.uid()
                + client.context().map(context -> " " + Terminal.safe(context)).orElse("");
    }

    private static String list(String what, List<String> elements) {
        return elements.isEmpty() ? "" : what + " " + String.join(", ", elements);
    }

    private static String file(AuditFile file) {
        return file.path().printable() + " (" + file.access().word() + ", " + Terminal.safe(file.purpose()) + ")";
    }

    private static String hold(HoldChange hold) {
        return word(hold.change()) + " " + hold.path().printable() + " ("
                + hold.access().word() + ", " + Terminal.safe(hold.reason()) + ")";
    }
}
