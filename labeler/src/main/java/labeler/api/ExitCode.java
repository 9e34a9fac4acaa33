package labeler.cli;

import labeler.api.Report;

/** The exit codes of all commands; a stable interface. */
final class ExitCode {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;
    static final int CONFLICT = 4;
    static final int NO_SERVICE = 5;

    private ExitCode() {}

    /** A failure if a label that should be back is not. */
    static int of(Report report) {
        return report.isFailure() ? FAILED : DONE;
    }
}
