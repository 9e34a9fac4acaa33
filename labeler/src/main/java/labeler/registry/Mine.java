package labeler.registry;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;

/**
 * All that stands under this host's name.
 *
 * @param restoring files that this host has begun to give back, for itself or for a host that was fenced
 * @param lost files of these VMs that this host does not hold: it was fenced, and another one has taken its place
 */
public record Mine(List<HostedVm> vms, List<ToRestore> restoring, Set<SharedFile> lost) {
    public Mine {
        vms = List.copyOf(vms);
        restoring = List.copyOf(restoring);
        lost = Set.copyOf(lost);
    }

    /** That of a host that has lost nothing. */
    public Mine(List<HostedVm> vms, List<ToRestore> restoring) {
        this(vms, restoring, Set.of());
    }

    /**
     * A VM on record, whether it runs or not.
     *
     * @param bootId of the boot in which it was claimed
     * @param files that the host holds for it, or has lost
     */
    public record HostedVm(VmName name, Optional<UUID> uuid, CategoryPair pair, String bootId, Set<SharedFile> files) {
        public HostedVm {
            files = Set.copyOf(files);
        }
    }
}
