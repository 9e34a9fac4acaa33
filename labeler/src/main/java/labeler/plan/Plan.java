package labeler.plan;

import java.util.List;
import java.util.Optional;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;

/**
 * What to do with each file of a VM, in the order of the file set.
 *
 * @param problems why files are refused; the VM may start only if there are none
 */
public record Plan(List<PlannedFile> files, List<Problem> problems) {
    public Plan {
        files = List.copyOf(files);
        problems = List.copyOf(problems);
    }

    /** What each file that is handed over shows as its label. */
    public List<Optional<StoredLabel>> passed() {
        return files.stream()
                .filter(file -> file.treatment() == Treatment.PASS)
                .map(PlannedFile::original)
                .toList();
    }
}
