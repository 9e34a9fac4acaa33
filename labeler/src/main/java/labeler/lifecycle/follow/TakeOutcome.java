package labeler.lifecycle.follow;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import labeler.journal.FileHold;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.acquisition.MissingOutputs;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.qemu.handover.DescriptorSet;

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
     * @param vm with the new holds
     * @param holds those that were added
     * @param made files that did not exist; {@link FollowedFiles#remove} takes them away again
     * @param chains of the images that the definition names
     * @param names every name by which a file was found, and the name that stands for it
     * @param handed whether the file of this name is handed over
     * @param sets as the rewriting asked for them
     * @param descriptors open, one for each set; {@link #close} closes them
     */
    record Taken(
            VmRecord vm,
            List<FileHold> holds,
            List<MissingOutputs.NewFile> made,
            List<ImageChain> chains,
            Map<HostPath, HostPath> names,
            Predicate<HostPath> handed,
            List<DescriptorSet> sets,
            List<HandedDescriptor> descriptors,
            List<Problem> warnings)
            implements TakeOutcome, AutoCloseable {
        public Taken {
            holds = List.copyOf(holds);
            made = List.copyOf(made);
            chains = List.copyOf(chains);
            names = Map.copyOf(names);
            sets = List.copyOf(sets);
            descriptors = List.copyOf(descriptors);
            warnings = List.copyOf(warnings);
        }

        /** Closes the descriptors. qemu has copies of those that were sent. */
        @Override
        public void close() {
            descriptors.forEach(HandedDescriptor::close);
        }
    }
}
