package labeler.lifecycle;

/** Whether a VM may run with no wall around it. */
public enum Enforcement {
    /** No: a start that would leave it without any is refused. */
    REQUIRED,
    /** Yes: labels are written all the same, and the log and {@code status} say that nothing enforces them. */
    OPTIONAL
}
