package labeler.lifecycle.follow;

import java.util.List;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.problem.Problem;

/** The result of taking files for a command. */
public sealed interface TakeOutcome {
    /** The VM has no more than it had before. */
    record Refused(List<Problem> problems) implements TakeOutcome {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /** The command's own check has found them unfit. The VM has no more than it had before. */
    record Unfit() implements TakeOutcome {}

    /**
     * The files are on record, labelled and ready for qemu.
     *
     * @param files those that were taken; {@link FollowedFiles#remove} takes away those of them that were made
     */
    record Taken(JoinedFiles files) implements TakeOutcome {}
}
