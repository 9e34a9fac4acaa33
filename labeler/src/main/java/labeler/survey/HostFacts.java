package labeler.survey;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.CategoryPair;
import labeler.selinux.SelinuxHost;
import labeler.selinux.VirtualContexts;

/**
 * The facts that were seen of a host.
 *
 * @param opening booleans of the policy that are on and open files without labels to every VM
 * @param pairs that a process, a record or a definition holds; empty if nobody could tell all of them
 * @param files below the directories that were looked through
 * @param problems of images among them
 */
public record HostFacts(
        SelinuxHost.Mode mode,
        VirtualContexts contexts,
        List<String> opening,
        Optional<Set<CategoryPair>> pairs,
        List<VmFacts> vms,
        List<FileFacts> files,
        List<ImageProblem> problems) {
    public HostFacts {
        opening = List.copyOf(opening);
        pairs = pairs.map(Set::copyOf);
        vms = List.copyOf(vms);
        files = List.copyOf(files);
        problems = List.copyOf(problems);
    }
}
