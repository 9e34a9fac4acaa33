package labeler.chain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import labeler.chain.format.ParseResult;

/** The messages of a walk, beside the files. */
final class Findings {
    /**
     * In bytes: a thousand lines of some hundred, with names in them. The text in images may be a hundred times that.
     */
    private static final int MOST_TEXT = 512 << 10;

    /** The room that an entry takes beside its text. */
    private static final int OVERHEAD = 128;

    /** Each is kept once: a recorded format and a name may both be of one protocol. */
    private final Set<Chain.External> external = new LinkedHashSet<>();

    private final List<Chain.Unfollowed> unfollowed = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private int room = MOST_TEXT;

    void external(Chain.External named) {
        if (hasRoom(named.reference().length(), named.parent())) {
            external.add(named);
        }
    }

    void unfollowed(Chain.Unfollowed named) {
        if (hasRoom(named.reference().length(), named.parent())) {
            unfollowed.add(named);
        }
    }

    void problem(Problem problem) {
        if (hasRoom(problem.message().length(), problem.file())) {
            problems.add(problem);
        }
    }

    void problem(Problem.Kind kind, FileName file, String message) {
        problem(new Problem(kind, file, message));
    }

    void warning(Problem.Kind kind, FileName file, String message) {
        if (hasRoom(message.length(), file)) {
            warnings.add(new Problem(kind, file, message));
        }
    }

    /** Whether there were more messages than it keeps. */
    boolean areFull() {
        return room == 0;
    }

    /** If no room is left, that is a problem, so that nobody takes the kept messages for all. */
    private boolean hasRoom(int text, FileName file) {
        int needed = text + file.length() + OVERHEAD;
        if (needed <= room) {
            room -= needed;
            return true;
        }
        if (room > 0) {
            room = 0;
            problems.add(new Problem(
                    Problem.Kind.TOO_MANY,
                    file,
                    "more is to be said of this chain than " + MOST_TEXT + " bytes, and the rest is left out"));
        }
        return false;
    }

    void failure(FileName file, ImageFormat format, ParseResult.Failure failure) {
        String as = "read as " + format.driver() + ", " + failure.reason();
        switch (failure) {
            case ParseResult.NotThisFormat not ->
                problem(
                        Problem.Kind.FORMAT_MISMATCH,
                        file,
                        as + ": correct the format where it is declared, or restore the image");
            case ParseResult.Malformed malformed ->
                problem(Problem.Kind.MALFORMED, file, as + ": check it with qemu-img check, or restore it");
            case ParseResult.Unsupported unsupported ->
                problem(Problem.Kind.UNSUPPORTED, file, as + ": convert it with qemu-img convert");
            case ParseResult.TooMany tooMany ->
                problem(Problem.Kind.TOO_MANY, file, as + ": rewrite it with qemu-img convert");
            case ParseResult.Unreadable unreadable ->
                problem(Problem.Kind.UNREADABLE, file, as + ": check the storage beneath it");
        }
    }

    <F extends ImageFile> Chain<F> with(List<Chain.Node<F>> nodes) {
        return new Chain<>(nodes, List.copyOf(external), unfollowed, problems, warnings);
    }
}
