package labeler.vm.qemu.handover;

import java.util.List;
import labeler.problem.Problem;

/** The result of rewriting a command line for descriptors. */
public sealed interface RewriteResult {
    /**
     * qemu can be started with this line.
     *
     * @param argv without {@code -add-fd}: the starter of qemu knows the descriptors' numbers, and adds
     *     {@code -add-fd fd=N,set=NUMBER} for each set
     */
    record Rewritten(List<byte[]> argv, List<DescriptorSet> descriptors) implements RewriteResult {
        public Rewritten {
            argv = List.copyOf(argv);
            descriptors = List.copyOf(descriptors);
        }
    }

    /**
     * qemu takes no descriptor in the place of a passed file, or the definition has a problem of its own.
     *
     * @param problems every reason, including those of {@code files}
     * @param files that qemu takes no descriptor for
     */
    record NotPossible(List<Problem> problems, List<HandoverObstacle> files) implements RewriteResult {
        public NotPossible {
            problems = List.copyOf(problems);
            files = List.copyOf(files);
        }
    }
}
