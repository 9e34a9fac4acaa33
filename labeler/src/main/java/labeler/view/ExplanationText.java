package labeler.view;

import labeler.explain.Explanation;
import labeler.explain.Reading;
import labeler.view.Terminal.Style;

/** Explanations for people. */
public final class ExplanationText {
    private final Terminal terminal;

    public ExplanationText(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Prints what is known and what to do. Names in it were escaped by the service, and are again here. */
    public void print(Explanation explanation) {
        String times = explanation.count() > 1 ? " (" + explanation.count() + " times)" : "";
        explanation
                .reading()
                .ifPresent(reading -> terminal.print(terminal.styled(style(reading), words(reading)) + times));
        explanation.sentences().forEach(sentence -> terminal.print("  " + Terminal.safe(sentence)));
        explanation.advice().forEach(step -> terminal.print("  -> " + Terminal.safe(step)));
    }

    private static Style style(Reading reading) {
        return reading == Reading.TRICKERY ? Style.WARNING : Style.BOLD;
    }

    private static String words(Reading reading) {
        return switch (reading) {
            case TRICKERY -> "TRICKERY: no VM needs this access";
            case BUG -> "BUG: the VM should have had this access";
            case MISSING_LABEL -> "MISSING LABEL: nobody told that the VM needs this access";
            case HARMLESS -> "HARMLESS";
            case NO_VM -> "NO VM: nothing is known about this process";
        };
    }
}
