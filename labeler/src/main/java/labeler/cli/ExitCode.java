package labeler.cli;

import labeler.api.Report;

/** How commands end; a stable interface. */
final class ExitCode {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;
    static final int CONFLICT = 4;
    static final int NO_SERVICE = 5;

    private ExitCode() {}

    /** A failure where a label is not back that should be. */
    static int of(Report report) {
        return report.isFailure() ? FAILED : DONE;
    }
}
