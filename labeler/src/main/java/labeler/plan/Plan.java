package labeler.plan;

import java.util.List;
import labeler.problem.Problem;

/**
 * What to do with each file of a VM, in the order of the facts.
 *
 * @param problems why files are refused; the VM may start only if there are none
 */
public record Plan(List<PlannedFile> files, List<Problem> problems) {
    public Plan {
        files = List.copyOf(files);
        problems = List.copyOf(problems);
    }

    /** Whether a file is handed over. */
    public boolean passesAny() {
        return files.stream().anyMatch(file -> file.treatment() == Treatment.PASS);
    }
}
