package labeler.lifecycle;

import labeler.problem.Problem;

/** What came of asking for a matrix. */
public sealed interface MatrixOutcome {
    record Shown(Matrix matrix) implements MatrixOutcome {}

    /** The kernel cannot be asked, or there is too much to ask. */
    record NotShown(Problem problem) implements MatrixOutcome {}
}
