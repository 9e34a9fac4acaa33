package labeler.survey;

import java.util.List;
import java.util.Optional;

/**
 * A VM that runs, or is defined to run.
 *
 * @param process empty for one that does not run
 */
public record VmFacts(
        VmIdentity identity, Optional<ProcessFacts> process, List<VmFileFacts> files, List<ImageProblem> problems) {
    public VmFacts {
        files = List.copyOf(files);
        problems = List.copyOf(problems);
    }

    public boolean isRunning() {
        return process.isPresent();
    }
}
