package labeler.apply;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileStatus;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;

/** Names that lead elsewhere by now: qemu would open files that were not parsed. */
public final class MovedNames {
    private MovedNames() {}

    /** A problem for each of these whose name has another file now. */
    public static List<Problem> among(Collection<OpenedFile> files, SafeOpen open) {
        List<Problem> problems = new ArrayList<>();
        for (OpenedFile file : files) {
            try {
                Optional<FileStatus> now = open.look(file.path());
                if (now.isEmpty() || !now.get().identity().equals(file.identity())) {
                    problems.add(Problem.of(
                            Problem.Kind.CHANGED,
                            file.path(),
                            "another file took its place during the start; find out who did, and start again"
                                    + " (on overlayfs a first label copies the file up: start again)"));
                }
            } catch (LinuxException e) {
                problems.add(Problem.of(
                        Problem.Kind.CHANGED, file.path(), "it cannot be looked at again (" + e.getMessage() + ")"));
            }
        }
        return problems;
    }
}
