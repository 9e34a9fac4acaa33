package labeler.chain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import labeler.chain.format.ParseResult;

/** What a walk has to say beside the files. */
final class Findings {
    /** Each once, whatever says it: a recorded format and a name may both be of one protocol. */
    private final Set<Chain.External> external = new LinkedHashSet<>();

    private final List<Chain.Unfollowed> unfollowed = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    void external(Chain.External named) {
        external.add(named);
    }

    void unfollowed(Chain.Unfollowed named) {
        unfollowed.add(named);
    }

    void problem(Problem problem) {
        problems.add(problem);
    }

    void problem(Problem.Kind kind, FileName file, String message) {
        problems.add(new Problem(kind, file, message));
    }

    void warning(Problem.Kind kind, FileName file, String message) {
        warnings.add(new Problem(kind, file, message));
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
