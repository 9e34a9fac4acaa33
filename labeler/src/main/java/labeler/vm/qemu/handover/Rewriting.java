package labeler.vm.qemu.handover;

import java.util.List;
import labeler.problem.Problem;

/** The result of rewriting a command line for descriptors. */
public sealed interface Rewriting {
    /**
     * It can be started like this.
     *
     * @param argv without {@code -add-fd}: who starts qemu knows the descriptors' numbers, and adds
     *     {@code -add-fd fd=N,set=NUMBER} for each set
     */
    record Rewritten(List<byte[]> argv, List<DescriptorSet> descriptors) implements Rewriting {
        public Rewritten {
            argv = List.copyOf(argv);
            descriptors = List.copyOf(descriptors);
        }
    }

    /**
     * A passed file stands where qemu takes no descriptor, or the definition has a problem of its own.
     *
     * @param problems every reason, those of {@code files} included
     * @param files that qemu takes no descriptor for
     */
    record NotPossible(List<Problem> problems, List<NotPassable> files) implements Rewriting {
        public NotPossible {
            problems = List.copyOf(problems);
            files = List.copyOf(files);
        }
    }
}
