package labeler.lifecycle;

import labeler.problem.Problem;

/** The result of asking for a matrix. */
public sealed interface MatrixOutcome {
    record Shown(Matrix matrix) implements MatrixOutcome {}

    /** The kernel cannot be asked, or there are too many questions. */
    record NotShown(Problem problem) implements MatrixOutcome {}
}
