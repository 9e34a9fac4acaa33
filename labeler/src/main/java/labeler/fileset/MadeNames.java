package labeler.fileset;

import java.util.EnumSet;
import java.util.Optional;
import labeler.linux.Access;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.Origin;

/**
 * Judges the names under which qemu itself makes something. It takes what has that name already: it writes over a file, it
 * removes anything to make a socket, and as root it does so to whatever the name leads to.
 */
final class MadeNames {
    private static final OpenRequest DIRECTORY =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.DIRECTORY), OpenRequest.Links.FOLLOW);

    private final SafeOpen open;

    MadeNames(SafeOpen open) {
        this.open = open;
    }

    sealed interface Judgement {}

    /** Nothing is there that qemu would harm. */
    record Free() implements Judgement {}

    /** qemu will write what is there: a file like any other, to be opened and labelled. */
    record ExistingFile() implements Judgement {}

    record Refused(Problem problem) implements Judgement {}

    Judgement judge(DeclaredUse.MadeByQemu made) {
        Optional<FileStatus> found;
        try {
            found = open.lookAtName(made.path());
        } catch (LinuxException e) {
            return refused(made.path(), made.origin(), "cannot be looked at (" + e.getMessage() + ")");
        }
        return switch (made.making()) {
            case FILE -> found.isPresent() ? new ExistingFile() : new Free();
            case SOCKET -> socket(made, found);
            case LINK -> link(made, found);
            case NAMELESS -> directory(made);
            case ELSEWHERE -> new Free();
        };
    }

    /** A link that leads nowhere: qemu would make the file where it leads to. */
    Judgement judgeMissing(DeclaredUse.FileUse use) {
        try {
            return open.lookAtName(use.path())
                    .<Judgement>map(found -> refused(
                            use.path(),
                            use.origin(),
                            "is a " + found.type().text() + " that leads nowhere, and a file is to be made there;"
                                    + " remove it, or make the file"))
                    .orElseGet(Free::new);
        } catch (LinuxException e) {
            return refused(use.path(), use.origin(), "cannot be looked at (" + e.getMessage() + ")");
        }
    }

    private static Judgement socket(DeclaredUse.MadeByQemu made, Optional<FileStatus> found) {
        if (found.isEmpty() || found.get().type() == FileType.SOCKET) {
            return new Free();
        }
        return refused(
                made.path(),
                made.origin(),
                "is a " + found.get().type().text() + ", which qemu would remove to make its socket there; remove it"
                        + " yourself, or name another path");
    }

    /** The link of a qemu that runs already, or has ended badly, leads to a terminal. */
    private Judgement link(DeclaredUse.MadeByQemu made, Optional<FileStatus> found) {
        try {
            boolean isTerminal = open.look(made.path())
                    .filter(target -> target.type() == FileType.CHARACTER_DEVICE)
                    .isPresent();
            if (found.isEmpty() || (found.get().type() == FileType.SYMBOLIC_LINK && isTerminal)) {
                return new Free();
            }
            return refused(
                    made.path(), made.origin(), "is there already, where qemu makes a link to its terminal; remove it");
        } catch (LinuxException e) {
            return refused(made.path(), made.origin(), "cannot be looked at (" + e.getMessage() + ")");
        }
    }

    private Judgement directory(DeclaredUse.MadeByQemu made) {
        OpenOutcome outcome = open.open(made.path(), DIRECTORY);
        return switch (outcome) {
            case OpenedFile directory -> {
                directory.close();
                yield new Free();
            }
            case OpenRefusal refusal when refusal.reason() == OpenRefusal.Reason.MISSING -> new Free();
            case OpenRefusal refusal -> refused(made.path(), made.origin(), refusal.detail());
        };
    }

    private static Refused refused(HostPath path, Origin origin, String message) {
        return new Refused(
                new Problem(Problem.Kind.NOT_A_FILE, Optional.of(path), message + " (" + origin + " names it)"));
    }
}
