package labeler.leftover;

import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.linux.Linux;
import labeler.mcs.ProcessContexts;
import labeler.plan.HeldFiles;
import labeler.selinux.CategoryPair;
import labeler.selinux.CreatedContexts;
import labeler.selinux.SecurityContext;
import labeler.selinux.VirtualContexts;
import labeler.vm.libvirt.LibvirtHost;

/**
 * This host's policy and the facts from libvirt, for mending labels that were left.
 *
 * @param kernel its answers about new files
 * @param creator this process's own context; empty if SELinux is not active
 * @param host the places of the volumes that libvirt's domains name
 */
public record Leftovers(
        VirtualContexts contexts,
        CreatedContexts kernel,
        Optional<SecurityContext> creator,
        LibvirtFiles libvirt,
        LibvirtHost host) {
    /** For VMs that end. */
    public LeftoverRepair aftermath(
            Linux linux,
            Labels labels,
            Reverter reverter,
            ProcessContexts processes,
            Supplier<Set<CategoryPair>> recorded,
            OtherFiles others) {
        OtherDomains domains = new OtherDomains(new LibvirtDomains(libvirt, host, linux), others, processes, recorded);
        return new LeftoverRepair(linux, labels, reverter, contexts, policy(labels), domains);
    }

    /** For directories. */
    public Scan scan(
            Linux linux,
            Labels labels,
            ProcessContexts processes,
            Supplier<Set<CategoryPair>> recorded,
            HeldFiles held,
            HostsBeside beside) {
        return new Scan(
                linux,
                labels,
                new PairsInUse(processes, recorded, new LibvirtDomains(libvirt, host, linux), beside),
                held,
                policy(labels),
                contexts.image(),
                Scan.PartSize.DEFAULT);
    }

    private DirectoryPolicy policy(Labels labels) {
        return new DirectoryPolicy(kernel, creator.orElse(contexts.process()), contexts.image(), labels);
    }
}
