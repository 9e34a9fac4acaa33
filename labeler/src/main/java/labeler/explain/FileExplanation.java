package labeler.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import labeler.guard.record.AuditLine;
import labeler.guard.record.AuditTime;
import labeler.guard.record.Outcome;
import labeler.linux.Printable;
import labeler.linux.ShellWord;
import labeler.plan.Treatment;
import labeler.selinux.SecurityContext;
import labeler.work.WorkFileSystem;

/** Says who holds a file, what label it has and should have, and what was decided about it. */
final class FileExplanation {
    private FileExplanation() {}

    /** Explains a file by what is known. */
    static Explanation of(Facts.File file, Facts facts) {
        List<String> sentences = new ArrayList<>();
        List<String> advice = new ArrayList<>();
        sentences.add(file.path() + found(file.look()));
        if (file.holds().isEmpty()) {
            sentences.add("No VM holds it.");
        }
        for (Facts.Hold hold : file.holds()) {
            sentences.add(held(hold));
            if (isLost(file, hold)) {
                sentences.add("That is not its label now: it was lost.");
                advice.add(
                        "Run `labeler relabel " + ShellWord.last(hold.vm().vm().value()) + "`.");
            }
        }
        for (AuditLine line : facts.decisions()) {
            sentences.add(decision(line));
        }
        if (file.silent().isPresent()) {
            advice.add("See to that file system, and ask again.");
        }
        Optional<Reading> none = Optional.empty();
        return new Explanation(
                        none,
                        file.holds().stream().findFirst().map(hold -> hold.vm().vm()),
                        Optional.of(file.path()),
                        sentences,
                        advice,
                        1)
                .unanswered(file.silent());
    }

    private static String found(Look look) {
        return switch (look) {
            case Look.Present there ->
                " has " + there.label().map(text -> "the label " + text).orElse("no label that can be read") + ".";
            case Look.Nothing _, Look.NotLooked _ -> ": nothing is there, or it cannot be reached.";
            case Look.Silent(WorkFileSystem place) ->
                ": " + place.doesNotAnswer() + ", so nobody can say what is there, and with which label.";
        };
    }

    private static String held(Facts.Hold hold) {
        String access = hold.isWriting() ? "read-write" : "read-only";
        String treated = switch (hold.file().treatment()) {
            case LABEL ->
                "with the label "
                        + hold.file().context().map(SecurityContext::toString).orElse("?");
            case PASS -> "as a descriptor that it is handed";
            case LEAVE, REFUSE -> "as it is (" + hold.file().reason() + ")";
        };
        return "VM " + hold.vm().vm() + " holds it " + access + ", " + treated + ".";
    }

    private static boolean isLost(Facts.File file, Facts.Hold hold) {
        return file.look() instanceof Look.Present there
                && hold.file().treatment() == Treatment.LABEL
                && !hold.file().context().map(SecurityContext::toString).equals(there.label());
    }

    private static String decision(AuditLine line) {
        return AuditTime.text(line.time()) + ": "
                + line.entry().vm().map(vm -> "VM " + vm + ", ").orElse("")
                + line.entry()
                        .command()
                        .map(command -> "command " + command.number() + " " + Printable.text(command.name()))
                        .orElse(line.entry()
                                .event()
                                .name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' '))
                + line.entry().result().outcome().map(FileExplanation::word).orElse("")
                + line.entry()
                        .result()
                        .rule()
                        .map(rule -> " by rule " + Printable.text(rule))
                        .orElse("")
                + line.entry()
                        .result()
                        .message()
                        .map(text -> ": " + Printable.text(text))
                        .orElse("") + ".";
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case ALLOWED -> " was done";
            case REFUSED -> " was refused";
            case FAILED_IN_QEMU -> " failed in qemu";
            case FAILED_BEFORE_QEMU -> " could not be prepared";
            case UNANSWERED -> " got no answer";
        };
    }
}
