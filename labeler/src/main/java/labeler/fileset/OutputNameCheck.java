package labeler.fileset;

import java.util.Optional;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/**
 * Judges the names under which qemu itself makes something. If the name exists, qemu uses what is there: it writes over
 * a file, and it removes anything to make a socket. As root it does so to any file that the name leads to.
 */
record OutputNameCheck(SafeOpen open) {
    sealed interface Judgement {}

    /**
     * There is nothing that qemu would harm.
     *
     * @param place the kernel's own name for a directory in which nameless files are made
     */
    record Free(Optional<HostPath> place) implements Judgement {
        Free() {
            this(Optional.empty());
        }
    }

    /** qemu will write the existing file: it is opened and labelled like any other. */
    record ExistingFile() implements Judgement {}

    record Refused(Problem problem) implements Judgement {}

    Judgement judge(DeclaredUse.MadeByQemu made) {
        if (made.making() == DeclaredUse.Making.NAMELESS) {
            return directory(made);
        }
        try {
            Optional<FileType> found = open.lookAtName(made.path()).map(FileStatus::type);
            Optional<String> fault = switch (made.making()) {
                case FILE, ELSEWHERE, NAMELESS -> Optional.empty();
                case SOCKET -> socket(found);
                case LINK -> link(made.path(), found);
            };
            if (fault.isPresent()) {
                return refused(made.path(), made.origin(), fault.get());
            }
            boolean isWritten = made.making() == DeclaredUse.Making.FILE && found.isPresent();
            return isWritten ? new ExistingFile() : new Free();
        } catch (LinuxException e) {
            return notSeen(made.path(), made.origin(), e);
        }
    }

    /** A link that leads nowhere: qemu would make the file at its target. */
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
            return notSeen(use.path(), use.origin(), e);
        }
    }

    private static Optional<String> socket(Optional<FileType> found) {
        return found.filter(type -> type != FileType.SOCKET)
                .map(type -> "is a " + type.text() + ", which qemu would remove to make its socket there; remove it"
                        + " yourself, or name another path");
    }

    /** The link of a qemu that still runs, or has ended badly, leads to a terminal. */
    private Optional<String> link(HostPath path, Optional<FileType> found) throws LinuxException {
        boolean isTerminal = open.look(path)
                .filter(target -> target.type() == FileType.CHARACTER_DEVICE)
                .isPresent();
        return found.filter(type -> type != FileType.SYMBOLIC_LINK || !isTerminal)
                .map(_ -> "is there already, where qemu makes a link to its terminal; remove it");
    }

    private Judgement directory(DeclaredUse.MadeByQemu made) {
        return switch (open.open(made.path(), OpenRequest.NAMED_DIRECTORY)) {
            case OpenedFile directory -> {
                HostPath place = directory.realPath();
                directory.close();
                yield new Free(Optional.of(place));
            }
            case OpenRefusal refusal when refusal.reason() == OpenRefusal.Reason.MISSING -> new Free();
            case OpenRefusal refusal -> refused(made.path(), made.origin(), refusal.detail());
        };
    }

    private static Refused notSeen(HostPath path, Origin origin, LinuxException e) {
        return refused(path, origin, "cannot be looked at (" + e.getMessage() + ")");
    }

    private static Refused refused(HostPath path, Origin origin, String message) {
        return new Refused(
                new Problem(Problem.Kind.NOT_A_FILE, Optional.of(path), message + " (" + origin + " names it)"));
    }

    /** Huge pages: where the name is a directory's, qemu makes a file in it, and removes its name at once. */
    Optional<DeclaredUse.MadeByQemu> inDirectory(DeclaredUse.FileUse use) {
        if (use.role() == FileRole.MEMORY
                && use.access() == UseAccess.CREATE
                && open.open(use.path(), OpenRequest.NAMED_DIRECTORY) instanceof OpenedFile directory) {
            directory.close();
            return Optional.of(new DeclaredUse.MadeByQemu(
                    use.origin(),
                    use.role(),
                    use.path(),
                    DeclaredUse.Making.NAMELESS,
                    "qemu makes a file in this directory, and removes its name at once"));
        }
        return Optional.empty();
    }
}
