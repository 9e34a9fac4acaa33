package labeler.lifecycle.acquisition;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import labeler.journal.FileHold;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.qemu.handover.DescriptorSet;

/**
 * Files that a running VM was given: on record, labelled and ready for qemu.
 *
 * @param vm with the new holds
 * @param holds those that were added
 * @param made files that did not exist
 * @param chains of the images that the definition names
 * @param names every name by which a file was found, and the name that stands for it
 * @param handed whether the file of this name is to be handed over
 * @param sets to be handed over, as the rewriting asked for them
 * @param descriptors open, one for each set; {@link #close} closes them
 */
public record JoinedFiles(
        VmRecord vm,
        List<FileHold> holds,
        List<MissingOutputs.NewFile> made,
        List<ImageChain> chains,
        Map<HostPath, HostPath> names,
        Predicate<HostPath> handed,
        List<DescriptorSet> sets,
        List<HandedDescriptor> descriptors,
        List<Problem> warnings)
        implements AutoCloseable {
    public JoinedFiles {
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
