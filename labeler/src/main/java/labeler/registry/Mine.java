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
 */
public record Mine(List<HostedVm> vms, List<ToRestore> restoring) {
    public Mine {
        vms = List.copyOf(vms);
        restoring = List.copyOf(restoring);
    }

    /**
     * A VM on record, whether it runs or not.
     *
     * @param bootId of the boot in which it was claimed
     * @param files that the host holds for it
     */
    public record HostedVm(VmName name, Optional<UUID> uuid, CategoryPair pair, String bootId, Set<SharedFile> files) {
        public HostedVm {
            files = Set.copyOf(files);
        }
    }
}
