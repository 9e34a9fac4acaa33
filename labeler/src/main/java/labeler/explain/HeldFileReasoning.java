package labeler.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.lifecycle.FileView;
import labeler.linux.ShellWord;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import labeler.work.WorkFileSystem;

/** Reasons about a denial on a file that is in the VM's own set. */
final class HeldFileReasoning {
    private static final Set<String> WRITING =
            Set.of("write", "append", "setattr", "create", "unlink", "rename", "link", "relabelto", "relabelfrom");

    private final Denial denial;
    private final Facts facts;
    private final Facts.Hold hold;
    private final List<String> sentences = new ArrayList<>();
    private final List<String> advice = new ArrayList<>();

    /** The conclusion. */
    record Conclusion(Reading reading, List<String> sentences, List<String> advice) {
        Conclusion {
            sentences = List.copyOf(sentences);
            advice = List.copyOf(advice);
        }
    }

    HeldFileReasoning(Denial denial, Facts facts, Facts.Hold hold) {
        this.denial = denial;
        this.facts = facts;
        this.hold = hold;
    }

    Conclusion conclusion() {
        sentences.add("It is in the VM's set, " + (hold.isWriting() ? "to be read and written" : "to be read") + " ("
                + hold.file().treatment().word() + ").");
        Reading reading = switch (hold.file().treatment()) {
            case LABEL -> labelled();
            case PASS -> passed();
            case LEAVE, REFUSE -> left();
        };
        return new Conclusion(reading, sentences, advice);
    }

    private VmName vm() {
        return hold.vm().vm();
    }

    private Reading labelled() {
        Optional<SecurityContext> wanted = hold.file().context();
        if (!wanted.equals(Optional.of(denial.target()))) {
            return lost(wanted);
        }
        if (!hold.isWriting() && denial.permissions().stream().anyMatch(WRITING::contains)) {
            sentences.add("Its label is right, and allows reading only: nobody told that the VM writes it.");
            advice.add("If a block job is to write it, start that job through the guarded monitor "
                    + facts.socket().replace("NAME", vm().asFileName()) + ", which prepares the file for it.");
            advice.add("If it is a disk that the guest writes, name it without readonly=on and start the VM again.");
            return Reading.MISSING_LABEL;
        }
        sentences.add("Its label is right: the policy lacks the rule.");
        advice.add("`labeler policy status` shows whether the module is loaded; `labeler policy install` loads it.");
        return Reading.BUG;
    }

    private Reading lost(Optional<SecurityContext> wanted) {
        String should = wanted.map(SecurityContext::toString).orElse("none");
        sentences.add("Its label was lost: it should be " + should + ", and was " + denial.target()
                + ". Usually a restorecon or a copy over the file does that.");
        switch (facts.file().map(Facts.File::look).orElseGet(Look.NotLooked::new)) {
            case Look.Present there
            when there.label().equals(wanted.map(SecurityContext::toString)) -> {
                sentences.add("It has the right label again.");
                advice.add("Nothing is to be done, if qemu goes on; else resume the VM.");
            }
            case Look.Present _, Look.Nothing _, Look.NotLooked _ ->
                advice.add("Run `labeler relabel " + ShellWord.last(vm().value()) + "`.");
            case Look.Silent(WorkFileSystem place) -> {
                sentences.add("Nobody can say whether it has the right one again: " + place.doesNotAnswer() + ".");
                advice.add("See to that file system, and then run `labeler relabel " + ShellWord.last(vm().value())
                        + "`.");
            }
        }
        return Reading.BUG;
    }

    private Reading passed() {
        sentences.add("It is handed over as a descriptor, so qemu never needs to open it by name.");
        advice.add("Something named it to qemu beside the descriptors: use the guarded monitor "
                + facts.socket().replace("NAME", vm().asFileName()) + " for commands.");
        return Reading.MISSING_LABEL;
    }

    private Reading left() {
        FileView file = hold.file();
        sentences.add("It is left as it is: " + file.reason() + ".");
        advice.add("Give it a type that the VM's domain may use ("
                + hold.vm().processContext().type() + "), or move it to a file system that stores labels.");
        return Reading.MISSING_LABEL;
    }
}
