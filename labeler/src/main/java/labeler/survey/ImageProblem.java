package labeler.survey;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.problem.Problem;

/**
 * A reason for which a plan would refuse a VM, with its files.
 *
 * @param image at which it was found: the top of the chain; empty for a problem of the whole definition
 */
public record ImageProblem(Problem problem, NamedBy namedBy, Optional<HostPath> image) {
    /** Who names the file of the problem. */
    public enum NamedBy {
        /** A header alone. */
        HEADER,
        DEFINITION,
        /** The definition, without a format. */
        DEFINITION_WITHOUT_FORMAT
    }

    /** The same, found at this image. */
    public ImageProblem at(HostPath other) {
        return new ImageProblem(problem, namedBy, Optional.of(other));
    }
}
