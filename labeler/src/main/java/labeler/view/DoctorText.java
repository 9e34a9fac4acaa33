package labeler.view;

import labeler.doctor.Examination;
import labeler.doctor.Finding;
import labeler.view.Terminal.Style;

/** An examination for people: one line for each finding, and its remedy below it. */
public final class DoctorText {
    private static final int WIDTH = 14;

    private final Terminal terminal;

    public DoctorText(Terminal terminal) {
        this.terminal = terminal;
    }

    public void print(Examination examination) {
        for (Finding finding : examination.findings()) {
            String check = finding.check();
            terminal.print(mark(finding.state())
                    + check
                    + " ".repeat(Math.max(1, WIDTH - check.length()))
                    + Terminal.safe(finding.message()));
            finding.remedy().ifPresent(remedy -> terminal.print(" ".repeat(WIDTH + 9) + "→ " + Terminal.safe(remedy)));
        }
        terminal.print(examination.healthy() ? "no fault" : "there is a fault: see above");
    }

    private String mark(Finding.State state) {
        return switch (state) {
            case GOOD -> "good     ";
            case SKIPPED -> terminal.styled(Style.DIM, "-        ");
            case WARNING -> terminal.styled(Style.BOLD, "warning  ");
            case FAULT -> terminal.styled(Style.WARNING, "FAULT    ");
        };
    }
}
