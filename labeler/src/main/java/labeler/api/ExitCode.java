package labeler.api;

/** The exit codes of all commands; a stable interface. */
public final class ExitCode {
    public static final int DONE = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int REFUSED = 3;
    public static final int CONFLICT = 4;
    public static final int NO_SERVICE = 5;

    private ExitCode() {}

    /** A failure if a label that should be back is not. */
    public static int of(Report report) {
        return report.isFailure() ? FAILED : DONE;
    }
}
