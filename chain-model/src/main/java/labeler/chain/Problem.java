package labeler.chain;

import java.util.Optional;

/**
 * Why a chain is not complete or not safe.
 *
 * @param file the file to look at: the one whose header is wrong, or the one that could not be opened
 * @param message one line: the rule, and the way out
 * @param namedBy the image whose header or declaration names {@code file}, if {@code file} is not one of the chain's
 * nodes
 */
public record Problem(Kind kind, FileName file, String message, Optional<FileName> namedBy) {
    /** A problem of a node, or of the top. */
    public Problem(Kind kind, FileName file, String message) {
        this(kind, file, message, Optional.empty());
    }

    /** The kinds, in the words of the command line's JSON. */
    public enum Kind {
        MALFORMED,
        UNSUPPORTED,
        FORMAT_UNSPECIFIED,
        FORMAT_UNKNOWN,
        FORMAT_MISMATCH,
        AMBIGUOUS,
        LOOP,
        TOO_DEEP,
        TOO_MANY,
        MISSING,
        UNREADABLE,
        NOT_A_FILE,
        CHANGED
    }
}
