package labeler.registry.etcd.value;

import java.util.Optional;
import labeler.registry.ClaimId;
import labeler.vm.VmName;

/**
 * A host that holds a file, at {@code files/STORAGE/HANDLE/h/HOST}.
 *
 * @param vm the VM whose file alone it is; empty for a file that VMs share
 */
public record HolderEntry(ClaimId claim, Optional<VmName> vm) {}
