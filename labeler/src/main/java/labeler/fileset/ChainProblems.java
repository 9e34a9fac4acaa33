package labeler.fileset;

import labeler.chain.FileName;
import labeler.linux.HostPath;
import labeler.problem.Problem;

/** Problems from the chain walk, in the service's words. */
public final class ChainProblems {
    private ChainProblems() {}

    public static Problem problem(labeler.chain.Problem problem) {
        return new Problem(kind(problem.kind()), HostPath.parse(problem.file().bytes()), problem.message());
    }

    static Problem.Kind kind(labeler.chain.Problem.Kind kind) {
        return switch (kind) {
            case MALFORMED -> Problem.Kind.MALFORMED;
            case UNSUPPORTED -> Problem.Kind.UNSUPPORTED;
            case FORMAT_UNSPECIFIED -> Problem.Kind.FORMAT_UNSPECIFIED;
            case FORMAT_UNKNOWN -> Problem.Kind.FORMAT_UNKNOWN;
            case FORMAT_MISMATCH -> Problem.Kind.FORMAT_MISMATCH;
            case AMBIGUOUS -> Problem.Kind.AMBIGUOUS;
            case LOOP -> Problem.Kind.LOOP;
            case TOO_DEEP -> Problem.Kind.TOO_DEEP;
            case TOO_MANY -> Problem.Kind.TOO_MANY;
            case MISSING -> Problem.Kind.MISSING;
            case UNREADABLE -> Problem.Kind.UNREADABLE;
            case NOT_A_FILE -> Problem.Kind.NOT_A_FILE;
            case CHANGED -> Problem.Kind.CHANGED;
        };
    }

    static HostPath path(FileName name) {
        return HostPath.of(name.bytes());
    }
}
