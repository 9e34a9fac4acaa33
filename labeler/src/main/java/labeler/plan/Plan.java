package labeler.plan;

import java.util.List;
import java.util.Optional;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;

/**
 * The treatment of each file of a VM, in the order of the file set.
 *
 * @param problems why files are refused; the VM may start only if there are none
 */
public record Plan(List<PlannedFile> files, List<Problem> problems) {
    public Plan {
        files = List.copyOf(files);
        problems = List.copyOf(problems);
    }

    /** The labels that the handed-over files show. */
    public List<Optional<StoredLabel>> passed() {
        return files.stream()
                .filter(file -> file.treatment() == Treatment.PASS)
                .map(PlannedFile::original)
                .toList();
    }
}
