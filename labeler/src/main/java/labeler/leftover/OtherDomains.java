package labeler.leftover;

import java.util.Set;
import java.util.function.Supplier;
import labeler.linux.LinuxException;
import labeler.mcs.ProcessContexts;
import labeler.selinux.CategoryPair;
import labeler.selinux.VirtualContexts;

/**
 * The sources that tell of libvirt's other running domains, and of their files.
 *
 * @param recorded the present pairs of VMs and files on record
 */
public record OtherDomains(
        LibvirtDomains libvirt, OtherFiles files, ProcessContexts processes, Supplier<Set<CategoryPair>> recorded) {
    /**
     * The pairs of all VMs that libvirt's system daemon has started. A qemu may own the directory of the states, and move
     * another domain's away: then that one's process alone tells of it. VMs of a user's own session have the user's SELinux
     * user, and are in no file here.
     */
    Set<CategoryPair> running(VirtualContexts contexts) throws LinuxException {
        return processes.pairs(context -> contexts.processTypes().contains(context.type())
                && context.user().equals(contexts.process().user()));
    }
}
